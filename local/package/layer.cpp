#include "local/package/layer.h"

#include <sys/stat.h>

#include <climits>
#include <memory>
#include <stdexcept>

#include "local/package/zip_archive.h"

namespace forklift::package {

namespace {

struct CloseFile {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};

bool is_link(zip_t* archive, zip_uint64_t index) {
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    return zip_file_get_external_attributes(archive, index, 0, &system, &attributes) == 0 &&
           system == ZIP_OPSYS_UNIX && S_ISLNK(attributes >> 16);
}

/// What a link points to is what stands in its entry.
std::string read_target(zip_t* archive, zip_uint64_t index) {
    const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive, index, 0));
    std::string target(PATH_MAX, '\0');
    if (!file) throw std::runtime_error(zip_strerror(archive));
    const zip_int64_t size = zip_fread(file.get(), target.data(), target.size());
    if (size < 0) throw std::runtime_error(zip_file_strerror(file.get()));
    target.resize(static_cast<std::size_t>(size));
    return target;
}

}  // namespace

void read_layer(const std::filesystem::path& zip, Content& layers) {
    const Archive archive = open_archive(zip, ZIP_RDONLY);
    const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
    for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
        zip_stat_t stat;
        if (zip_stat_index(archive.get(), i, 0, &stat) != 0)
            throw std::runtime_error(zip_strerror(archive.get()));
        Entry entry;
        entry.name = std::filesystem::path(stat.name).lexically_normal().string();
        if (entry.name.empty() || entry.name == "." || entry.name.ends_with('/')) continue;
        entry.size = stat.size;
        if (is_link(archive.get(), i)) {
            entry.kind = Entry::Kind::link;
            entry.target = read_target(archive.get(), i);
        }
        layers.add(std::move(entry));
    }
    layers.sort();
}

}  // namespace forklift::package
