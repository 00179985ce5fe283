#include "local/package/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace forklift::package {

namespace {

using std::string_view;

/// provided.al2023 is the minimal container image of Amazon Linux 2023 (AWS: "Introducing the
/// Amazon Linux 2023 runtime for AWS Lambda", and the user guide of AL2023, "Using AL2023 in AWS
/// Lambda"). Its packages are known from `rpm -qa` in images made from it (amazonlinux/
/// amazon-linux-2023, issue 585; aws/aws-lambda-base-images, issue 173). Of these, the following
/// hold programs. What people miss most is not there: findutils, tar, gzip, which, procps,
/// diffutils, openssl (aws-lambda-base-images, issues 173 and 196).
constexpr string_view programs =
    // bash
    " bash sh bashbug alias bg cd command fc fg getopts hash jobs read type ulimit umask unalias "
    "wait "
    // coreutils-single
    " [ arch b2sum base32 base64 basename basenc cat chcon chgrp chmod chown chroot cksum comm cp "
    "csplit cut date dd df dir dircolors dirname du echo env expand expr factor false fmt fold "
    "groups head hostid id install join link ln logname ls md5sum mkdir mkfifo mknod mktemp mv "
    "nice "
    "nl nohup nproc numfmt od paste pathchk pinky pr printenv printf ptx pwd readlink realpath rm "
    "rmdir runcon seq sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf sleep sort split "
    "stat stdbuf stty sum sync tac tail tee test timeout touch tr true truncate tsort tty uname "
    "unexpand uniq unlink users vdir wc who whoami yes "
    // gawk, grep, sed
    " awk gawk grep egrep fgrep sed "
    // curl-minimal, gnupg2-minimal
    " curl gpg gpg2 gpgv gpgv2 "
    // glibc-common
    " gencat getconf getent iconv ldconfig ldd locale localedef tzselect zdump zic "
    // alternatives, p11-kit-trust, ca-certificates, rpm, microdnf
    " alternatives update-alternatives trust update-ca-trust rpm rpmdb rpmkeys rpmquery rpmverify "
    "microdnf dnf ";

/// The files of /lib64 in public.ecr.aws/lambda/provided:al2023 that are sonames, as listed in
/// brefphp/aws-lambda-layers, utils/lib-copy/libs-x86.txt and libs-arm.txt. Plugins and libraries
/// that only the package manager uses are there too, and left out.
constexpr string_view libraries =
    " ld-linux-x86-64.so.2 ld-linux-aarch64.so.1 libBrokenLocale.so.1 libanl.so.1 libc.so.6 "
    "libc_malloc_debug.so.0 libdl.so.2 libm.so.6 libmvec.so.1 libnss_compat.so.2 libnss_dns.so.2 "
    "libnss_files.so.2 libpthread.so.0 libresolv.so.2 librt.so.1 libthread_db.so.1 libutil.so.1 "
    "libgcc_s.so.1 libstdc++.so.6 "
    "libacl.so.1 libarchive.so.13 libassuan.so.0 libattr.so.1 libaudit.so.1 libauparse.so.0 "
    "libblkid.so.1 libbz2.so.1 libcap-ng.so.0 libcap.so.2 libcom_err.so.2 libcrypto.so.3 "
    "libcurl.so.4 libffi.so.8 libform.so.6 libformw.so.6 libgcrypt.so.20 libgio-2.0.so.0 "
    "libgirepository-1.0.so.1 libglib-2.0.so.0 libgmodule-2.0.so.0 libgmp.so.10 "
    "libgobject-2.0.so.0 "
    "libgpg-error.so.0 libgpgme.so.11 libgssapi_krb5.so.2 libgssrpc.so.4 libgthread-2.0.so.0 "
    "libhistory.so.8 libidn2.so.0 libjson-c.so.5 libk5crypto.so.3 libkdb5.so.10 libkeyutils.so.1 "
    "libkrad.so.0 libkrb5.so.3 libkrb5support.so.0 liblua-5.3.so liblua-5.4.so liblz4.so.1 "
    "liblzma.so.5 libmagic.so.1 libmenu.so.6 libmenuw.so.6 libmount.so.1 libmpfr.so.6 "
    "libncurses.so.6 libncursesw.so.6 libnghttp2.so.14 libnpth.so.0 libp11-kit.so.0 libpanel.so.6 "
    "libpanelw.so.6 libpcre2-8.so.0 libpcre2-posix.so.3 libpopt.so.0 libpsl.so.5 libpsx.so.2 "
    "libreadline.so.8 "
    "libselinux.so.1 libsepol.so.2 libsigsegv.so.2 libsmartcols.so.1 libsqlite3.so.0 libssl.so.3 "
    "libtasn1.so.6 libtic.so.6 libtinfo.so.6 libunistring.so.2 libuuid.so.1 libverto.so.1 "
    "libxml2.so.2 libyaml-0.so.2 libz.so.1 libzstd.so.1 ";

/// The highest versions in the image. glibc stays at 2.34 for the whole life of AL2023 (user guide,
/// "Core toolchain packages"); libgcc and libstdc++ came from GCC 11 at first and come from GCC
/// 14.2 since 2025 (libstdc++-14.2.1-7.amzn2023), whose versions are in GCC's manual, "ABI Policy
/// and Guidelines".
constexpr std::array<string_view, 4> highest = {"GLIBC_2.34", "GLIBCXX_3.4.33", "CXXABI_1.3.15",
                                                "GCC_14.0.0"};

/// Names are held to be words, between spaces.
bool has_word(string_view words, string_view word) {
    if (word.empty() || word.find(' ') != word.npos) return false;
    return words.find(fmt::format(" {} ", word)) != words.npos;
}

/// The numbers of "2.34"; nothing when it is something else.
std::vector<int> numbers(string_view text) {
    std::vector<int> all;
    for (;;) {
        int number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc()) return {};
        all.push_back(number);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (text.empty()) return all;
        if (!text.starts_with('.')) return {};
        text.remove_prefix(1);
    }
}

}  // namespace

bool image_has_program(string_view name) { return has_word(programs, name); }

bool image_has_library(string_view soname) { return has_word(libraries, soname); }

std::string image_offers_instead_of(string_view version) {
    const auto underscore = version.find('_');
    if (underscore == version.npos) return {};
    const string_view kind = version.substr(0, underscore + 1);
    // Relative relocations in a compact form: since glibc 2.36.
    if (version == "GLIBC_ABI_DT_RELR") return std::string(highest[0]);
    const auto* const known = std::find_if(highest.begin(), highest.end(),
                                           [&](string_view one) { return one.starts_with(kind); });
    if (known == highest.end()) return {};
    const auto wanted = numbers(version.substr(kind.size()));
    return wanted > numbers(known->substr(kind.size())) ? std::string(*known) : std::string();
}

}  // namespace forklift::package
