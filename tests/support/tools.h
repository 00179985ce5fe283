#pragma once

#include <string>

namespace forklift::test {

/// Whether there is a program of that name on PATH; WARNs when there is none, for what is then not
/// tested.
bool has_tool(const std::string& tool);

/// Whether Python has a module; WARNs otherwise.
bool has_python_module(const std::string& module);

}  // namespace forklift::test
