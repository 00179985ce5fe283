#include "local/package/zip_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>

#include "local/package/zip_archive.h"

namespace forklift::package {

namespace fs = std::filesystem;

namespace {

/// zlib's best; a function is packed once and loaded many times.
constexpr zip_uint32_t compression_level = 9;

[[noreturn]] void fail(const fs::path& path, const std::string& why) {
    throw std::runtime_error(fmt::format("{} cannot be written: {}", path.string(), why));
}

/// Opens for writing from scratch; nothing happens to `path` before zip_close.
Archive create_archive(const fs::path& path) {
    try {
        return open_archive(path, ZIP_CREATE | ZIP_TRUNCATE);
    } catch (const std::exception& error) {
        fail(path, error.what());
    }
}

/// A moment as MS-DOS has it, which is what a zip has.
struct DosTime {
    zip_uint16_t time;
    zip_uint16_t date;
};

DosTime dos_time(std::time_t time) {
    const std::time_t within = std::clamp(time, earliest_zip_time, latest_zip_time);
    std::tm utc{};
    ::gmtime_r(&within, &utc);
    return {
        static_cast<zip_uint16_t>(utc.tm_hour << 11 | utc.tm_min << 5 | utc.tm_sec / 2),
        static_cast<zip_uint16_t>((utc.tm_year - 80) << 9 | (utc.tm_mon + 1) << 5 | utc.tm_mday)};
}

mode_t mode_of(const Entry& entry) {
    switch (entry.kind) {
        case Entry::Kind::link:
            return S_IFLNK | 0777;
        case Entry::Kind::folder:
            return S_IFDIR | 0755;
        case Entry::Kind::file:
            break;
    }
    return S_IFREG | (entry.executable ? 0755 : 0644);
}

class Writer {
  public:
    Writer(const fs::path& path, std::time_t time)
        : path_(path), archive_(create_archive(path)), time_(dos_time(time)) {}

    void add(const Entry& entry) {
        const zip_int64_t added = add_content(entry);
        if (added < 0) fail(path_, entry.name + ": " + zip_strerror(archive_.get()));
        const auto index = static_cast<zip_uint64_t>(added);
        // The upper half is the Unix mode where the system that made the entry is Unix.
        const auto attributes = static_cast<zip_uint32_t>(mode_of(entry)) << 16;
        const bool done =
            zip_file_set_external_attributes(archive_.get(), index, 0, ZIP_OPSYS_UNIX,
                                             attributes) == 0 &&
            zip_file_set_dostime(archive_.get(), index, time_.time, time_.date, 0) == 0 &&
            set_compression(entry, index);
        if (!done) fail(path_, entry.name + ": " + zip_strerror(archive_.get()));
    }

    void finish(const std::function<bool()>& stop) {
        auto* const wanted = const_cast<std::function<bool()>*>(&stop);
        zip_register_cancel_callback_with_state(
            archive_.get(),
            [](zip_t*, void* state) {
                return (*static_cast<std::function<bool()>*>(state))() ? 1 : 0;
            },
            nullptr, wanted);
        if (zip_close(archive_.get()) != 0) fail(path_, zip_strerror(archive_.get()));
        // zip_close has freed it.
        static_cast<void>(archive_.release());
    }

  private:
    bool set_compression(const Entry& entry, zip_uint64_t index) {
        if (entry.kind == Entry::Kind::folder) return true;
        const bool small = entry.kind == Entry::Kind::link || entry.size == 0;
        return zip_set_file_compression(archive_.get(), index,
                                        small ? ZIP_CM_STORE : ZIP_CM_DEFLATE,
                                        small ? 0 : compression_level) == 0;
    }

    zip_int64_t add_content(const Entry& entry) {
        // Names beyond ASCII are marked as UTF-8.
        constexpr zip_flags_t flags = ZIP_FL_ENC_UTF_8;
        if (entry.kind == Entry::Kind::folder)
            return zip_dir_add(archive_.get(), entry.name.c_str(), flags);
        zip_source_t* source =
            entry.kind == Entry::Kind::link
                ? zip_source_buffer(archive_.get(), entry.target.data(), entry.target.size(), 0)
                : zip_source_file(archive_.get(), entry.source.c_str(), 0, -1);
        if (!source) return -1;
        const zip_int64_t index = zip_file_add(archive_.get(), entry.name.c_str(), source, flags);
        if (index < 0) zip_source_free(source);
        return index;
    }

    fs::path path_;
    Archive archive_;
    DosTime time_;
};

}  // namespace

void write_zip(const fs::path& path, const Content& content, std::time_t time,
               const std::function<bool()>& stop) {
    Writer writer(path, time);
    for (const Entry& entry : content.entries()) writer.add(entry);
    writer.finish(stop);
}

}  // namespace forklift::package
