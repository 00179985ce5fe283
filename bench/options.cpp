#include "bench/options.h"

#include <charconv>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace forklift::bench {
namespace {

/// `{"data":""}`: no event is shorter.
constexpr std::size_t least_event = 11;

/// The command line as it stands, before defaults that depend on each other are filled in.
struct Raw {
    Options options;
    std::string bootstrap;
    std::string forklift;
    std::vector<Contender> peers;
    bool serve = false;
};

template <typename Number>
Number to_number(std::string_view name, std::string_view value, Number least) {
    Number number{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || number < least)
        throw std::invalid_argument(std::string(name) + " takes a number of at least " +
                                    std::to_string(least));
    return number;
}

bool is_assignment(const std::string& word) {
    const std::size_t equals = word.find('=');
    return equals != word.npos && word.find('/') > equals;
}

/// NAME=COMMAND, where words of the form NAME=value before the program are its environment.
Contender to_peer(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos) throw std::invalid_argument("--peer takes NAME=COMMAND");
    Contender peer{text.substr(0, equals), {}, {}};
    std::istringstream words(text.substr(equals + 1));
    for (std::string word; words >> word;) {
        const bool for_environment = peer.argv.empty() && is_assignment(word);
        (for_environment ? peer.environment : peer.argv).push_back(word);
    }
    if (peer.argv.empty()) throw std::invalid_argument("--peer without a command: " + text);
    return peer;
}

/// True when `name` is an option without a value, which is then noted.
bool take_flag(Raw& raw, std::string_view name) {
    if (name == "--serve") return raw.serve = true;
    if (name == "--check") return raw.options.check = true;
    if (name == "--help") return raw.options.help = true;
    return false;
}

void take_value(Raw& raw, std::string_view name, const std::string& value) {
    Options& options = raw.options;
    if (name == "--events")
        options.events = to_number(name, value, 1);
    else if (name == "--block")
        options.block = to_number(name, value, 1);
    else if (name == "--cold")
        options.cold = to_number(name, value, 0);
    else if (name == "--event-size")
        options.event_size = to_number(name, value, least_event);
    else if (name == "--child")
        options.child = value;
    else if (name == "--bootstrap")
        raw.bootstrap = value;
    else if (name == "--forklift")
        raw.forklift = value;
    else if (name == "--peer")
        raw.peers.push_back(to_peer(value));
    else
        throw std::invalid_argument("unknown option " + std::string(name));
}

/// The program of that name in the folder of this one, or the one that the command line names.
std::string locate(const std::string& named, const char* name) {
    const std::filesystem::path beside =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
    const std::filesystem::path path = named.empty() ? beside : std::filesystem::absolute(named);
    if (!std::filesystem::exists(path))
        throw std::invalid_argument(path.string() + " does not exist; build it, or name another" +
                                    " with --bootstrap or --forklift");
    return path;
}

}  // namespace

Options parse_options(int argc, char** argv) {
    Raw raw;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (take_flag(raw, name)) continue;
        if (i + 1 == argc) throw std::invalid_argument("what is " + std::string(name) + "?");
        take_value(raw, name, argv[++i]);
    }
    Options& options = raw.options;
    if (options.help) return options;
    options.child = std::filesystem::absolute(options.child);
    if (!std::filesystem::exists(options.child))
        throw std::invalid_argument(options.child + " does not exist");
    options.contenders = {{"bare loop", {locate("", "bare_loop")}, {}},
                          {"bootstrap", {locate(raw.bootstrap, "bootstrap")}, {}}};
    for (auto& peer : raw.peers) options.contenders.push_back(std::move(peer));
    if (raw.serve) options.serve = locate(raw.forklift, "forklift");
    return options;
}

const char* const usage =
    "usage: forklift-bench [OPTIONS]\n"
    "Measures bootstrap against a bare posix_spawn loop, in turns within one run.\n"
    "\n"
    "  --events N            events for each client (2000)\n"
    "  --block N             events in one turn (20)\n"
    "  --event-size BYTES    size of an event, which is JSON (1024)\n"
    "  --child FILE          the function, an executable (/bin/cat, whose answers are checked)\n"
    "  --cold N              cold starts of each client (20)\n"
    "  --peer NAME=COMMAND   measure another Runtime API client too; may be given often. COMMAND "
    "is\n"
    "                        split at spaces and may begin with NAME=value words\n"
    "  --serve               measure forklift serve too\n"
    "  --bootstrap FILE      the bootstrap to measure (the one beside this program)\n"
    "  --forklift FILE       the forklift for --serve (the one beside this program)\n"
    "  --check               exit with 1 when an aim is missed\n"
    "  --help                print this\n";

}  // namespace forklift::bench
