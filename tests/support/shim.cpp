#include "tests/support/shim.h"

#include "tests/support/bootstrap.h"

namespace forklift::test {

Finished run_shim(const std::vector<std::string>& interpreter, const std::string& shim,
                  const std::string& file, const std::string& requests) {
    ProgramOptions options;
    options.argv = {"/bin/sh", "-c", R"(cat | "$@")", "sh"};
    options.argv.insert(options.argv.end(), interpreter.begin(), interpreter.end());
    for (const auto& argument :
         {FORKLIFT_SOURCE_DIR "/handlers/shims/" + shim, file, std::string("handler")})
        options.argv.push_back(argument);
    options.environment = usual_environment();
    options.input = requests;
    return run_program(options);
}

std::string shim_request(const std::string& headers) {
    return "Lambda-Runtime-Aws-Request-Id: 1\r\n" + headers + "Content-Length: 2\r\n\r\n{}";
}

}  // namespace forklift::test
