#include "protocol/error_document.h"

#include <algorithm>

#include "protocol/json.h"

namespace forklift::protocol {

namespace {

constexpr std::size_t max_cause_bytes = 64 * 1024;
constexpr std::size_t max_header_characters = 256;

std::string document(const Failure& failure) {
    return JsonObject()
        .text("errorType", failure.type)
        .text("errorMessage", failure.message)
        .texts("stackTrace", failure.stack_trace)
        .finish();
}

std::string cause(const Failure& failure, std::string_view working_directory) {
    std::vector<std::string> frames;
    for (const std::string& line : failure.stack_trace) {
        frames.push_back(JsonObject(true).text("label", line).finish());
    }
    std::string stack = "[";
    for (const std::string& frame : frames) stack += (stack.size() > 1 ? "," : "") + frame;
    stack += "]";
    const std::string exception = JsonObject(true)
                                      .text("type", failure.type)
                                      .text("message", failure.message)
                                      .raw("stack", stack)
                                      .finish();
    return JsonObject(true)
        .text("working_directory", working_directory)
        .raw("exceptions", "[" + exception + "]")
        .raw("paths", "[]")
        .finish();
}

/// Writes the failure with `write`, with less and less of it until it fits. JSON can make six bytes
/// of one, so a twelfth of the room always does.
template <typename Write>
std::string fit(Failure failure, std::size_t max_bytes, Write write) {
    std::string text = write(failure);
    if (text.size() <= max_bytes) return text;
    failure.stack_trace.clear();
    text = write(failure);
    if (text.size() <= max_bytes) return text;
    failure.type.resize(std::min(failure.type.size(), max_bytes / 24));
    failure.message.resize(std::min(failure.message.size(), max_bytes / 12));
    return write(failure);
}

}  // namespace

std::string error_document(const Failure& failure, std::size_t max_bytes) {
    if (!failure.document.empty() && failure.document.size() <= max_bytes) return failure.document;
    return fit(failure, max_bytes, document);
}

std::string xray_cause(const Failure& failure, std::string_view working_directory) {
    return fit(failure, max_cause_bytes,
               [&](const Failure& part) { return cause(part, working_directory); });
}

std::string error_type_header(std::string_view type) {
    std::string header(type.substr(0, max_header_characters));
    for (char& c : header) {
        if (c <= ' ' || c > '~') c = '_';
    }
    return header.empty() ? "Function.Unknown" : header;
}

}  // namespace forklift::protocol
