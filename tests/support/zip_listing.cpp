#include "tests/support/zip_listing.h"

#include <sstream>
#include <stdexcept>

#include "tests/support/bootstrap.h"
#include "tests/support/json.h"

namespace forklift::test {

namespace {

constexpr const char* listing = R"(
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    if archive.testzip() is not None:
        sys.exit("damaged: " + archive.testzip())
    print(json.dumps([{
        "name": i.filename, "mode": "%o" % (i.external_attr >> 16), "utf8": bool(i.flag_bits & 0x800),
        "time": "%04d-%02d-%02d %02d:%02d:%02d" % i.date_time,
        "text": archive.read(i).decode("latin-1") if i.file_size < 4096 else ""}
        for i in archive.infolist()]))
)";

std::string run_tool(std::vector<std::string> argv) {
    Variables environment = usual_environment();
    environment["LC_ALL"] = "C.UTF-8";
    const auto finished = run_program({.argv = std::move(argv), .environment = environment});
    if (finished.exit != 0)
        throw std::runtime_error("python3 or unzip (./dev test installs them) failed: " +
                                 finished.output + finished.errors);
    return finished.output;
}

}  // namespace

std::map<std::string, ZipEntry> list_zip(const std::string& path) {
    const Json json(run_tool({"python3", "-c", listing, path}));
    std::map<std::string, ZipEntry> entries;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const std::string at = "/" + std::to_string(i);
        ZipEntry entry;
        entry.mode = json.text(at + "/mode");
        entry.time = json.text(at + "/time");
        entry.text = json.text(at + "/text");
        entry.utf8 = json.boolean(at + "/utf8");
        entries[json.text(at + "/name")] = entry;
    }
    return entries;
}

std::string names_in_zip(const std::string& path) {
    return run_tool({"python3", "-c",
                     "import sys, zipfile\nfor n in zipfile.ZipFile(sys.argv[1]).namelist(): "
                     "print(n)",
                     path});
}

void unpack_zip(const std::string& path, const std::string& folder) {
    run_tool({"unzip", "-q", path, "-d", folder});
}

}  // namespace forklift::test
