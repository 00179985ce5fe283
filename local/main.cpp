#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <variant>

#include "local/check_command.h"
#include "local/conformance_command.h"
#include "local/invoke_command.h"
#include "local/options.h"
#include "local/package_command.h"
#include "local/serve_command.h"
#include "local/standard_error.h"
#include "local/standard_output.h"
#include "local/usage_error.h"
#include "process/standard_streams.h"
#include "protocol/json.h"

using namespace forklift::local;

namespace {

int run(const InvokeOptions& options) { return run_invoke(options); }
int run(const ServeOptions& options) { return run_serve(options); }
int run(const CheckOptions& options) { return run_check(options); }
int run(const ConformanceOptions& options) { return run_conformance(options); }
int run(const PackageOptions& options) { return run_package(options); }

void complain(const std::exception& error) {
    write_to_stderr(fmt::format("forklift: {}\n", error.what()));
}

}  // namespace

/// Exit status: 0; 1 when the function failed, cannot be packaged, or a worker failed a check; 2
/// for a mistake on the command line; 3 when this program itself could not go on; 128 and the
/// number of the signal that ended it, be it one that was not sent because it is ignored (SIGPIPE);
/// bootstrap's own for `check`.
int main(int argc, char** argv) {
    forklift::process::fill_standard_streams();
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
    // simdjson looks at the processor when it is first called, and ends the program where it has no
    // memory for that.
    static_cast<void>(forklift::protocol::is_utf8({}));
    try {
        const auto parsed = parse_options(argc, argv);
        if (const auto* answered = std::get_if<Answered>(&parsed)) return answered->exit_status;
        return std::visit([](const auto& options) { return run(options); },
                          std::get<Options>(parsed));
    } catch (const ReaderGone&) {
        return 128 + SIGPIPE;
    } catch (const UsageError& error) {
        complain(error);
        return 2;
    } catch (const std::exception& error) {
        complain(error);
        return 3;
    }
}
