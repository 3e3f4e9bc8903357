// SPDX-License-Identifier: Apache-2.0
// simulate: runs seeds and tells what broke.
#include "test/simulation/runner.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

int main(int argc, char** argv) {
  sandbase::sim::run_options options;
  CLI::App app{"Runs the whole service on a simulated store, clock and scheduler, one seed after another."};
  app.add_option("--seed", options.first_seed, "first seed");
  app.add_option("--runs", options.runs, "how many seeds");
  app.add_option("--seconds", options.seconds, "stop after this time instead of a number of seeds");
  app.add_option("--jobs", options.jobs, "processes that share the work")->check(CLI::Range(1, 64));
  app.add_option("--servers", options.servers,
                 "1: on SQLite; 2 to 5: on a database in memory; 0: the seed draws it")
      ->check(CLI::Range(0, 5));
  app.add_flag("--trace", options.trace, "write the whole trace of every seed to standard output");
  app.add_flag("--twice", options.twice, "run every seed twice and compare the traces");
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(spdlog::level::off);
  return sandbase::sim::run_seeds(options);
}
