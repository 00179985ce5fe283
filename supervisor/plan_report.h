#pragma once

#include <string>
#include <vector>

#include "supervisor/configuration.h"

namespace forklift::supervisor {

/// What would answer, as one JSON object for other programs, above all `forklift package`:
/// `languages` (see handlers::languages_as_json) and `handlers`, one object for each of
/// `names`, or for each entry of forklift.json when that is empty. Each has the `handler` and
/// the `program` that it asks for, and
/// - `path`, the file that runs, and `on_path` (true or false) when it was found on PATH;
/// - `function` with `file`, `language` and `shim` for a function of a file, even when its
///   interpreter is not here;
/// - `search_path` when the entry sets the program's PATH;
/// - `mistakes` in its options, and `missing` when nothing here answers: sentences.
/// A forklift.json that cannot be read is a member `mistakes` of the whole.
std::string plan_report(Configuration configuration, std::vector<std::string> names);

}  // namespace forklift::supervisor
