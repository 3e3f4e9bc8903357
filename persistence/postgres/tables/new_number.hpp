// SPDX-License-Identifier: Apache-2.0
// Numbers of what is made. After a failover that lost commits a sequence gives the same ones again, and who
// still knows what was lost by its number (a server's memory, a signed token) must not take another thing for
// it: so 20 random bits stand behind that of the sequence. They still sort by when they were given.
#pragma once

/// An expression of SQL; `sequence` as a literal.
#define SANDBASE_NEW_NUMBER(sequence) \
  "((nextval('sandbase." sequence "') << 20) | floor(random() * 1048576)::bigint)"
