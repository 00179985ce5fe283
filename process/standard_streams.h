#pragma once

namespace forklift::process {

/// Opens /dev/null as whichever of stdin, stdout and stderr this process was started without, so
/// that no descriptor that it opens becomes one of them. To be called before it opens any.
void fill_standard_streams();

}  // namespace forklift::process
