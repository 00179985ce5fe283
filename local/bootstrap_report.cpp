#include "local/bootstrap_report.h"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <stdexcept>

#include "process/reaper.h"
#include "process/run.h"
#include "protocol/json_value.h"

namespace forklift::local {

namespace {

namespace asio = boost::asio;
using protocol::JsonValue;
using namespace std::chrono_literals;

/// It reads a few small files.
constexpr auto patience = 30s;

struct Collected : process::StderrSink {
    void write(std::string_view bytes) override { text.append(bytes); }
    std::string text;
};

std::string text_of(const JsonValue& object, std::string_view name) {
    const auto member = object.member(name);
    return member ? member->string().value_or("") : std::string();
}

std::vector<std::string> texts_of(const JsonValue& object, std::string_view name) {
    std::vector<std::string> all;
    const auto member = object.member(name);
    if (!member) return all;
    for (const JsonValue& element : member->elements())
        all.push_back(element.string().value_or(""));
    return all;
}

HandlerReport handler_of(const JsonValue& object) {
    HandlerReport report;
    report.handler = text_of(object, "handler");
    report.program = text_of(object, "program");
    report.path = text_of(object, "path");
    const auto on_path = object.member("on_path");
    report.on_path = on_path && on_path->raw() == "true";
    if (const auto function = object.member("function")) {
        report.function = {text_of(*function, "file"), text_of(*function, "language"),
                           text_of(*function, "shim")};
    }
    report.search_path = text_of(object, "search_path");
    report.mistakes = texts_of(object, "mistakes");
    report.missing = text_of(object, "missing");
    return report;
}

LanguageReport language_of(const JsonValue& object) {
    return {text_of(object, "name"), texts_of(object, "endings"), texts_of(object, "interpreters"),
            text_of(object, "shim")};
}

/// What the command writes to stdout.
std::string output_of(const process::Command& command) {
    asio::io_context loop;
    process::Reaper reaper;
    Collected errors;
    process::StopSwitch never;
    process::RunLimits limits;
    limits.stop_at = std::chrono::steady_clock::now() + patience;
    std::optional<std::variant<process::Run, process::SpawnError>> result;
    const auto whole_run = [&]() -> asio::awaitable<void> {
        result = co_await process::run(reaper, command, "", limits, errors, never);
        if (const auto* run = std::get_if<process::Run>(&*result))
            co_await reaper.empty_group(run->group, 1s);
    };
    auto ended = asio::co_spawn(loop, whole_run, asio::use_future);
    loop.run();
    ended.get();
    if (const auto* error = std::get_if<process::SpawnError>(&*result))
        throw std::runtime_error(process::describe(*error, command));
    const auto& run = std::get<process::Run>(*result);
    if (process::is_success(run.status)) return run.output;
    throw std::runtime_error(fmt::format("{} --check --json failed{}{}", command.program,
                                         errors.text.empty() ? "" : ": ", errors.text));
}

}  // namespace

BootstrapReport ask_bootstrap(const std::filesystem::path& bootstrap,
                              const std::filesystem::path& task_root,
                              const std::vector<std::string>& handlers) {
    process::Command command;
    command.program = bootstrap.string();
    command.argv = {"bootstrap", "--check", "--json"};
    command.argv.insert(command.argv.end(), handlers.begin(), handlers.end());
    command.directory = task_root.string();
    command.environment = process::Environment::of_this_process();
    command.environment.unset_prefix("FORKLIFT_");
    command.environment.set("LAMBDA_TASK_ROOT", task_root.string());

    const std::string text = output_of(command);
    const auto document = JsonValue::parse(text);
    const auto languages = document ? document->member("languages") : std::nullopt;
    if (!languages) {
        throw std::runtime_error(fmt::format(
            "{} is no bootstrap of this version of Forklift: its --check --json says \"{}\"",
            bootstrap.string(), text.substr(0, 200)));
    }
    BootstrapReport report;
    for (const JsonValue& language : languages->elements())
        report.languages.push_back(language_of(language));
    if (const auto all = document->member("handlers"))
        for (const JsonValue& handler : all->elements())
            report.handlers.push_back(handler_of(handler));
    report.mistakes = texts_of(*document, "mistakes");
    return report;
}

}  // namespace forklift::local
