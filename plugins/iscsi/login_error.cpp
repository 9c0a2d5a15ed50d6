// SPDX-License-Identifier: LGPL-2.1-or-later
#include "iscsi/login_error.h"

#include <algorithm>
#include <array>
#include <format>

#include "base/text.h"

namespace slipway::iscsi {

namespace {

using End = LoginResult::End;

struct Meaning {
    int code;
    End end;
    std::string_view words;
};

constexpr int kSessionExists = 15;

constexpr std::array kMeanings = {
    Meaning{2, End::later, "the session was lost while it was made"},
    Meaning{4, End::later, "the connection broke during the login; is an iSCSI target listening?"},
    Meaning{5, End::later, "the target did not complete the login"},
    Meaning{7, End::for_good, "a setting is refused; check rd.iscsi.param="},
    Meaning{8, End::later, "the portal did not answer in time; is the server up?"},
    Meaning{11, End::later, "the target did not answer the login in time"},
    Meaning{12, End::for_good,
            "the kernel has no iSCSI driver; build the image again with module iscsi_tcp"},
    Meaning{13, End::for_good, "iscsid refuses requests from this user"},
    Meaning{14, End::for_good,
            "the driver cannot do what a setting asks for; check rd.iscsi.param="},
    Meaning{18, End::later, "iscsid went away during the login"},
    Meaning{19, End::later,
            "the target refused the login; does the server know a target of this name, and does it "
            "let this initiator in?"},
    Meaning{20, End::later, "iscsid is not running"},
    Meaning{24, End::for_good,
            "the target refused who logs in; check user and password (CHAP), and whether the "
            "target lets this initiator name in"},
    Meaning{29, End::later, "the target is busy"},
    Meaning{32, End::later, "the target is not connected"},
    Meaning{33, End::later, "iscsid did not answer in time"},
};

} // namespace

LoginResult login_result_of(int exit_code, std::string_view errors) {
    if (exit_code == 0)
        return {};
    if (exit_code == kSessionExists)
        return {End::exists, "iscsid still tries to log in; does the server know a target of this "
                             "name, and does it let this initiator in?"};
    if (exit_code == -1)
        return {End::for_good, "iscsiadm could not be started; build the image again with "
                               "open-iscsi installed"};
    const auto meaning = std::ranges::find(kMeanings, exit_code, &Meaning::code);
    if (meaning != kMeanings.end())
        return {meaning->end, std::string(meaning->words)};
    const auto lines = split_words(errors, "\n");
    return {End::later,
            std::format("iscsiadm ended with {}: {}", exit_code,
                        printable(lines.empty() ? "it gave no reason" : lines.back(), 300))};
}

} // namespace slipway::iscsi
