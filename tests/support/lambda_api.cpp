#include "tests/support/lambda_api.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/bootstrap.h"

namespace forklift::test {

LambdaApi::LambdaApi()
    : server_(
          {.argv = {"python3", FORKLIFT_SOURCE_DIR "/tests/programs/lambda_api.py", folder_.path()},
           .environment = usual_environment()}),
      port_(folder_.wait_for_file("port")) {}

std::string LambdaApi::url() const { return "http://127.0.0.1:" + port_; }

std::vector<Json> LambdaApi::calls() {
    std::vector<Json> calls;
    if (!std::filesystem::exists(path_of("calls"))) return calls;
    const auto all = read_file(path_of("calls"));
    std::istringstream lines(all.substr(read_));
    read_ = all.size();
    for (std::string line; std::getline(lines, line);) calls.emplace_back(line);
    return calls;
}

void LambdaApi::refuse(const std::string& call, int status, const std::string& error,
                       const std::string& message) {
    std::ofstream(path_of("refusals"), std::ios::app)
        << "{\"call\": \"" << call << "\", \"status\": " << status << ", \"error\": \"" << error
        << "\", \"message\": \"" << message << "\"}\n";
}

void LambdaApi::set_looks(int looks) { std::ofstream(path_of("looks")) << looks; }

void LambdaApi::set_broken(const std::string& reason) {
    std::ofstream(path_of("broken")) << reason;
}

}  // namespace forklift::test
