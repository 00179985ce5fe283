#include "tests/support/forklift.h"

#include "tests/support/bootstrap.h"
#include "tests/support/tested_programs.h"

namespace forklift::test {

namespace {

ProgramOptions forklift_program(const char* command, const std::vector<std::string>& arguments) {
    ProgramOptions program;
    program.argv = {tested_forklift()};
    if (*command) program.argv.emplace_back(command);
    program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
    program.environment = usual_environment();
    return program;
}

}  // namespace

Finished run_forklift(const std::vector<std::string>& arguments, const std::string& directory,
                      const std::string& input, const Variables& environment) {
    auto program = forklift_program("", arguments);
    program.directory = directory;
    program.input = input;
    for (const auto& [name, value] : environment) program.environment[name] = value;
    // A sanitized one takes half a minute to compress 170 MB of itself.
    return run_program(program, is_sanitized() ? 3 * Program::patience : Program::patience);
}

ForkliftServe::ForkliftServe(const std::vector<std::string>& arguments,
                             const Variables& environment)
    : Program([&] {
          auto program = forklift_program("serve", arguments);
          for (const auto& [name, value] : environment) program.environment[name] = value;
          program.argv.insert(program.argv.end(), {"--port", "0"});
          return program;
      }()) {
    // "Forklift serves greet.sh at http://127.0.0.1:41234", and a line more.
    const auto said = wait_for_errors("/invocations\n");
    const auto url_end = said.find('\n', said.find(" at http://"));
    port_ = static_cast<std::uint16_t>(std::stoi(said.substr(said.rfind(':', url_end) + 1)));
}

}  // namespace forklift::test
