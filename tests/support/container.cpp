#include "tests/support/container.h"

namespace forklift::test {

Container::Container(const ProgramOptions& program) : Program(program) {
    const std::string before = "http://0.0.0.0:";
    const auto said = wait_for_errors("\nAny request there");
    port_ = static_cast<std::uint16_t>(std::stoi(said.substr(said.find(before) + before.size())));
}

HttpMessage Container::get(const std::string& target) const {
    return exchange(port_, "GET", target, {}, "");
}

HttpMessage Container::invoke(const std::string& event) const {
    return exchange(port_, "POST", "/2015-03-31/functions/function/invocations", {}, event);
}

}  // namespace forklift::test
