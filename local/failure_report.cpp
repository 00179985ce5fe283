#include "local/failure_report.h"

#include <string>

#include "local/standard_error.h"

namespace forklift::local {

namespace {

void write_line(std::string_view what, std::string_view why) noexcept {
    try {
        std::string line("forklift: ");
        write_to_stderr(line.append(what).append(": ").append(why).append("\n"));
    } catch (...) {
        // There is no memory for a line in one piece.
        for (const std::string_view piece : {std::string_view("forklift: "), what,
                                             std::string_view(": "), why, std::string_view("\n")})
            write_to_stderr(piece);
    }
}

}  // namespace

void report_failure(std::string_view what, std::exception_ptr error) noexcept {
    try {
        std::rethrow_exception(std::move(error));
    } catch (const std::exception& known) {
        write_line(what, known.what());
    } catch (...) {
        write_line(what, "an error without words");
    }
}

}  // namespace forklift::local
