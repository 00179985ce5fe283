#pragma once

#include <string>
#include <string_view>

namespace forklift::local {

/// The type that the platform takes down for an error whose header says `type`: `type` itself when
/// there is something like Function.Reason or Runtime.Reason in it, else Function.Unknown or
/// Runtime.Unknown.
std::string known_error_type(std::string_view type);

}  // namespace forklift::local
