#pragma once

namespace forklift::protocol {

/// The project's version, "0.1.0".
inline constexpr const char* version = FORKLIFT_VERSION;

}  // namespace forklift::protocol
