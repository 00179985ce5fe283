#pragma once

#include <exception>
#include <string_view>

namespace forklift::local {

/// Tells on stderr that something went wrong which nobody waits for: "forklift: WHAT: WHY". For
/// what a coroutine of its own ends with, so that no error goes unheard. `error` is not null. Never
/// throws, and needs no memory where there is none.
void report_failure(std::string_view what, std::exception_ptr error) noexcept;

}  // namespace forklift::local
