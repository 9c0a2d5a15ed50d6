// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/record.h"

namespace slipway {

// Reads a record piece by piece, while a boot still writes it. Untrusted text: errors name the line
// and what is wrong with it, and the first one sticks.
class RecordStream {
public:
    // The pieces may end anywhere.
    [[nodiscard]] Result<> feed(std::string_view bytes);
    // What was fed so far ends with a whole step, says the writer; without this, the last step is
    // known to be whole only when the next one begins.
    [[nodiscard]] Result<> settle();

    // Configuration and units are whole.
    [[nodiscard]] bool has_started() const noexcept { return has_started_; }
    // The whole steps that were not taken yet. The text of configuration and units stays.
    [[nodiscard]] std::vector<RecordedStep> take_steps();
    // Configuration, units, and the steps that were not taken yet.
    [[nodiscard]] const Record &record() const noexcept { return record_; }
    [[nodiscard]] Record take_record() { return std::move(record_); }

private:
    // A line and the lines that continue it.
    struct Statement {
        unsigned line = 0;
        std::string head;
        std::optional<std::string> text;
        bool is_broken = false; // an escape of `text`
    };

    void take_line(std::string_view line);
    void end_statement();
    [[nodiscard]] Result<> result() const;

    // Each returns what is wrong; empty: nothing.
    [[nodiscard]] std::string read_first_line(const Statement &statement);
    [[nodiscard]] std::string read_statement(const Statement &statement);
    [[nodiscard]] std::string read_step(const Statement &statement);
    [[nodiscard]] std::string read_decision(const Statement &statement);
    [[nodiscard]] std::string read_config(const Statement &statement);
    [[nodiscard]] std::string read_part(const Statement &statement);

    std::string tail_; // of a line whose end has not come
    std::optional<Statement> statement_;
    std::size_t bytes_ = 0;
    unsigned line_ = 0;
    bool is_first_line_read_ = false;
    bool has_started_ = false;
    bool is_step_open_ = false; // the last of record_.steps may go on
    Duration last_step_{0};
    std::string problem_;
    Record record_;
};

} // namespace slipway
