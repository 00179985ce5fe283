#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forklift::package {

/// The `#!` line of a script, as the kernel reads it.
struct Shebang {
    /// The interpreter, an absolute path.
    std::string interpreter;
    /// For `#!/usr/bin/env NAME`, with or without -S: what env looks for on PATH. It has a space in
    /// it when an option stands behind the name and there is no -S, which finds nothing.
    std::string name;
    /// The line ends with \r\n, so that Linux looks for an interpreter with a \r in its name.
    bool windows = false;
};

/// Takes apart the first line of `head`, the beginning of a file. Nothing when it is no `#!` line
/// with an absolute path: `#![allow(...)]` of Rust is none.
std::optional<Shebang> read_shebang(std::string_view head);

}  // namespace forklift::package
