# SPDX-License-Identifier: Apache-2.0
"""/openapi.json has the form that OpenAPI 3.1 demands: the objects of its specification as far as they are used here,
schemas of JSON Schema 2020-12, names that lead somewhere."""
import collections
import json
import re

import jsonschema

import harness
import openapi


def of(name):
    return {"$ref": f"#/$defs/{name}"}


def an_object(needed=(), /, **properties):
    """Of these members, and of extensions."""
    return {"type": "object", "required": list(needed), "properties": properties, "patternProperties": {"^x-": True},
            "additionalProperties": False}


def a_map(of_what, names="^[A-Za-z0-9._-]+$"):
    return {"type": "object", "propertyNames": {"pattern": names}, "additionalProperties": of_what}


TEXT = {"type": "string", "minLength": 1}
SCHEMA = {"type": ["object", "boolean"]}
CONTENT = {"type": "object", "minProperties": 1, "propertyNames": {"pattern": "^[a-z]+/[a-z.+-]+$"},
           "additionalProperties": an_object(["schema"], schema=SCHEMA)}
REFERENCE = {"type": "object", "required": ["$ref"], "properties": {"$ref": {"pattern": "^#/components/"}},
             "additionalProperties": False}


def or_reference(name):
    return {"if": {"required": ["$ref"]}, "then": REFERENCE, "else": of(name)}


FORM = {
    **an_object(["openapi", "info", "paths"], openapi={"pattern": r"^3\.1\.\d+$"},
                info=an_object(["title", "version", "license"], title=TEXT, version=TEXT, summary=TEXT,
                               description=TEXT, license=an_object(["name"], name=TEXT, identifier=TEXT)),
                tags={"type": "array", "items": an_object(["name"], name=TEXT, description=TEXT)},
                paths=a_map(a_map(of("operation"), "^(get|post|put|delete|patch)$"), "^/"),
                components=an_object(schemas=a_map(SCHEMA), responses=a_map(of("response")),
                                     parameters=a_map(of("parameter")), headers=a_map(of("header")),
                                     securitySchemes=a_map(of("security scheme")))),
    "$defs": {
        "operation": an_object(["operationId", "summary", "tags", "security", "responses"], operationId=TEXT,
                               summary=TEXT, description=TEXT, tags={"type": "array", "minItems": 1, "items": TEXT},
                               security={"type": "array", "items": a_map({"type": "array", "maxItems": 0})},
                               parameters={"type": "array", "items": or_reference("parameter")},
                               requestBody=an_object(["content"], description=TEXT, required={"type": "boolean"},
                                                     content=CONTENT),
                               responses={**a_map(or_reference("response"), "^[1-5][0-9][0-9]$"), "minProperties": 1}),
        "response": an_object(["description"], description=TEXT, headers=a_map(or_reference("header")),
                              content=CONTENT),
        "header": an_object(["schema"], description=TEXT, required={"type": "boolean"}, schema=SCHEMA),
        "parameter": {
            **an_object(["name", "in", "schema"], name=TEXT, description=TEXT, schema=SCHEMA,
                        required={"type": "boolean"}, style={"const": "form"}, explode={"type": "boolean"},
                        **{"in": {"enum": ["path", "query", "header"]}}),
            "if": {"properties": {"in": {"const": "path"}}},
            "then": {"required": ["required"], "properties": {"required": {"const": True}}}},
        "security scheme": {"oneOf": [
            an_object(["type", "scheme"], type={"const": "http"}, scheme={"const": "bearer"}, description=TEXT),
            an_object(["type", "name", "in"], type={"const": "apiKey"}, name=TEXT, description=TEXT,
                      **{"in": {"enum": ["header", "query"]}})]},
    },
}


def members(value, name):
    """Every value of the members of that name, however deep."""
    if isinstance(value, dict):
        if name in value:
            yield value[name]
        value = list(value.values())
    if isinstance(value, list):
        for v in value:
            yield from members(v, name)


class Form(harness.E2eTest):
    def setUp(self):
        self.described = openapi.document(self.server.url)
        self.document = self.described.document
        self.operations = [(path, method, operation) for path, methods in self.document["paths"].items()
                           for method, operation in methods.items()]

    def test_its_objects(self):
        found = jsonschema.Draft202012Validator(FORM).iter_errors(self.document)
        self.assertEqual([f"{list(error.absolute_path)}: {error.message[:300]}" for error in found], [])

    def test_its_schemas(self):
        schemas = [*self.document["components"]["schemas"].values(), *members(self.document["paths"], "schema"),
                   *members(self.document, "x-itemSchema"), *members(self.document["components"], "schema")]
        for schema in schemas:
            with self.subTest(schema=json.dumps(schema)[:200]):
                jsonschema.Draft202012Validator.check_schema(self.described.follow(schema))

    def test_references_lead_somewhere_and_nothing_is_left_over(self):
        named = collections.Counter(members(self.document, "$ref"))
        kept = {f"#/components/{kind}/{name}" for kind in self.document["components"] if kind != "securitySchemes"
                for name in self.document["components"][kind]}
        self.assertEqual(set(named), kept)

    def test_names_are_unique_and_declared(self):
        names = [operation["operationId"] for _, _, operation in self.operations]
        self.assertEqual(len(names), len(set(names)))
        tags = {tag for _, _, operation in self.operations for tag in operation["tags"]}
        self.assertEqual(tags, {tag["name"] for tag in self.document["tags"]})
        used = {scheme for _, _, operation in self.operations for way in operation["security"] for scheme in way}
        self.assertEqual(used, set(self.document["components"]["securitySchemes"]))

    def test_parameters_are_those_of_the_path_and_unique(self):
        for path, method, operation in self.operations:
            with self.subTest(method, path=path):
                parameters = self.described.follow(operation.get("parameters", []))
                places = [(parameter["in"], parameter["name"]) for parameter in parameters]
                self.assertEqual(len(places), len(set(places)))
                self.assertEqual([name for place, name in places if place == "path"], re.findall(r"{(.*?)}", path))


if __name__ == "__main__":
    harness.main()
