#include "local/api_path.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "local/api_error.h"
#include "local/api_operation.h"
#include "protocol/function_url_event.h"
#include "protocol/percent.h"

namespace forklift::local {

namespace {

constexpr std::string_view what_is_here =
    "forklift serve has Invoke and InvokeAsync of Lambda's API, and takes every path that is not "
    "the API's for the function's URL";

using Segments = std::vector<std::string>;

/// A slash at the end means nothing.
Segments segments_of(std::string_view path) {
    Segments segments;
    while (path.starts_with('/')) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        if (!segment.empty() || !path.empty())
            segments.push_back(protocol::percent_decode(segment));
    }
    return segments;
}

struct InvokedName {
    std::string name;
    bool is_invoke_async = false;
};

/// The name in ".../functions/NAME/invocations". One with slashes, which no name has, is one too:
/// nothing else ends so.
std::optional<InvokedName> invoked_name(const Segments& segments) {
    if (segments.size() < 4 || segments[1] != "functions") return std::nullopt;
    const bool is_invoke = segments[0] == "2015-03-31" && segments.back() == "invocations";
    const bool is_async = segments[0] == "2014-11-13" && segments.back() == "invoke-async";
    if (!is_invoke && !is_async) return std::nullopt;
    return InvokedName{fmt::format("{}", fmt::join(segments.begin() + 2, segments.end() - 1, "/")),
                       is_async};
}

HttpReply wrong_method(std::string_view method, std::string_view right) {
    HttpReply reply = api_error(
        405, "MethodNotAllowedException",
        fmt::format("This path of Lambda's API takes {}, not {}; {}", right, method, what_is_here));
    reply.headers.add("Allow", std::string(right));
    return reply;
}

HttpReply not_here(const ApiOperation& operation) {
    const bool streams = operation.name == "InvokeWithResponseStream";
    return api_error(
        501, "NotImplementedException",
        fmt::format("{} is not here{}; {}", operation.name,
                    streams ? " yet: call Invoke, which answers as a whole" : "", what_is_here));
}

HttpReply unknown_path() {
    return api_error(404, "UnknownOperationException",
                     fmt::format("Lambda's API has no such path; {}", what_is_here));
}

}  // namespace

std::variant<OwnPath, FunctionPath, HttpReply> read_api_path(std::string_view method,
                                                             std::string_view target) {
    const auto parts = protocol::split_target(target);
    const Segments segments = parts ? segments_of(parts->path) : Segments();
    if (!is_api_path(segments)) return OwnPath{};
    if (const auto invoked = invoked_name(segments)) {
        if (method != "POST") return wrong_method(method, "POST");
        auto read = read_function_name(invoked->name);
        if (const auto* constraint = std::get_if<std::string>(&read))
            return validation_error("functionName", invoked->name, *constraint);
        return FunctionPath{std::move(std::get<FunctionName>(read)), invoked->is_invoke_async};
    }
    const auto found = find_operation(method, segments);
    if (const auto* operation = std::get_if<ApiOperation>(&found)) return not_here(*operation);
    const auto& methods = std::get<NoOperation>(found).methods;
    return methods.empty() ? unknown_path() : wrong_method(method, methods);
}

}  // namespace forklift::local
