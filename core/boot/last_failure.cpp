// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boot/last_failure.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace slipway {

namespace {

// The kernel's word, and what helps where that is known: both codes can only be of a partition.
std::string reason_of(int code) {
    std::string word = std::strerror(code);
    switch (code) {
    case ENODEV:
        return word +
               " (the kernel has no vfat; put it into the image: slipway build --modules vfat)";
    case EUCLEAN:
        return word +
               " (it was not unmounted cleanly, so it is left alone; check it with fsck.vfat)";
    default:
        return word;
    }
}

} // namespace

std::string efi_variable(std::string_view value) {
    // EFI_VARIABLE_NON_VOLATILE | BOOTSERVICE_ACCESS | RUNTIME_ACCESS, little endian.
    return std::string("\x07\0\0\0", 4).append(value);
}

Duration LastFailure::keep(const FailureParts &parts, const FailurePartition &partition) {
    if (std::exchange(is_kept_, true))
        return Duration{0};
    add_places(parts, partition);
    if (places_.empty())
        log_.info("this machine has nowhere to keep the report over a restart: neither pstore with "
                  "pmsg (the module ramoops) nor UEFI variables, and " +
                  partition.why_not);
    const bool may_use_disk = !partition.device.empty();
    if (!write_to_next())
        return Duration{0};
    return may_use_disk ? kTimeToWriteOnDisk : kTimeToWrite;
}

void LastFailure::add_places(const FailureParts &parts, const FailurePartition &partition) {
    if (system_.status(kPmsg))
        places_.push_back({kPmsg, [this, text = failure_text(parts, kPmsgBytes)] {
                               return system_.write_in_child(kPmsg, text);
                           }});
    const auto variables = system_.list_directory(kEfiVariables);
    if (variables && !variables->empty()) {
        const std::string path = std::string(kEfiVariables) + "/" + kFailureVariable;
        places_.push_back(
            {path, [this, path, value = efi_variable(failure_text(parts, kVariableBytes))] {
                 return system_.write_in_child(path, value);
             }});
    }
    if (partition.device.empty())
        return;
    const PartitionFile file{.device = partition.device,
                             .directory = kFailureDirectory,
                             .name = kFailureFile,
                             .content = failure_text(parts, kFileBytes),
                             .kept = kFailureFiles};
    places_.push_back(
        {std::string("/") + kFailureDirectory + "/" + kFailureFile + "-1.txt on " + file.device,
         [this, file] { return system_.write_on_partition_in_child(file); }});
}

bool LastFailure::write_to_next() {
    while (!places_.empty()) {
        const Place place = std::move(places_.front());
        places_.pop_front();
        const auto child = place.write();
        if (!child) {
            log_.warning("the report is not kept over a restart: " + child.error().message());
            continue;
        }
        auto exit = loop_.watch_child(
            *child, [this, name = place.name](const ChildExit &status) { written(name, status); });
        if (exit)
            exits_.push_back(std::move(*exit));
        return true;
    }
    return false;
}

void LastFailure::written(const std::string &name, const ChildExit &exit) {
    if (exit.code == CLD_EXITED && exit.status == 0)
        return log_.info("the report is kept over a restart in " + name);
    log_.warning("the report is not kept over a restart in " + name + ": " +
                 (exit.code == CLD_EXITED ? reason_of(exit.status) : "the write took too long"));
    (void)write_to_next();
}

} // namespace slipway
