#include "local/package/zip_archive.h"

#include <stdexcept>
#include <string>

namespace forklift::package {

Archive open_archive(const std::filesystem::path& path, int flags) {
    int code = 0;
    Archive archive(zip_open(path.c_str(), flags, &code));
    if (archive) return archive;
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string why = zip_error_strerror(&error);
    zip_error_fini(&error);
    throw std::runtime_error(why);
}

}  // namespace forklift::package
