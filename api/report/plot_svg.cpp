// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <array>
#include <cmath>
#include <format>
#include <optional>
#include <set>

#include "base/line_fit.h"
#include "report/chart.h"
#include "report/markup.h"
#include "report/plot.h"

namespace slipway::report {

namespace {

constexpr double kWidth = 1200;
constexpr double kMargin = 28;
constexpr double kChartLeft = 322;
constexpr double kChartRight = 1040;
constexpr double kRow = 20;
constexpr double kBar = 12;
constexpr double kAxis = 138; // where the time scale stands
constexpr std::size_t kLabelColumns = 42;
constexpr std::string_view kGap = "…";
constexpr std::size_t kColours = 6;

// The colours of a theme. Those of plugins differ in lightness too, for those who do not see hues.
struct Palette {
    std::string_view text;
    std::string_view quiet;
    std::string_view line;
    std::string_view page;
    std::string_view band;
    std::string_view bad;
    std::array<std::string_view, kColours + 1> plugins; // the last one: all others
};

constexpr Palette kLight = {
    .text = "#1b2430",
    .quiet = "#667080",
    .line = "#e3e7ec",
    .page = "#ffffff",
    .band = "#f6f8fa",
    .bad = "#c62828",
    .plugins = {"#1f5fa8", "#e09b1a", "#15877a", "#b04a86", "#6fb3e8", "#8a5a2b", "#9aa3af"}};
constexpr Palette kDark = {
    .text = "#e8edf4",
    .quiet = "#9aa6b5",
    .line = "#2a333f",
    .page = "#11161d",
    .band = "#18202a",
    .bad = "#ff6b6b",
    .plugins = {"#6aa6f0", "#f2bd4b", "#3fbfae", "#e08cc0", "#a9d8ff", "#c99a68", "#76808d"}};

constexpr std::string_view kStyle =
    "svg{font-family:system-ui,'Segoe UI','Noto Sans','DejaVu Sans',sans-serif}"
    "text{font-size:12px}.title{font-size:21px;font-weight:600}"
    ".name{font-family:ui-monospace,'DejaVu Sans Mono',monospace;font-size:11px;"
    "unicode-bidi:isolate}.chain{font-weight:700}.right{text-anchor:end}"
    ".middle{text-anchor:middle}.number{font-size:11px;text-anchor:end;"
    "font-variant-numeric:tabular-nums}.end,.path,.outline{stroke-width:1.5}.path{fill:none}";

// No custom properties: not every program that shows SVG knows them.
std::string rules_of(const Palette &palette) {
    std::string rules = std::format(
        ".page{{fill:{0}}}.hatch{{fill:{0}}}.band{{fill:{1}}}text{{fill:{2}}}.quiet{{fill:{3}}}"
        ".grid{{stroke:{4}}}.end{{stroke:{3}}}.path,.outline{{stroke:{2}}}.bad{{fill:{5}}}",
        palette.page, palette.band, palette.text, palette.quiet, palette.line, palette.bad);
    for (std::size_t i = 0; i < palette.plugins.size(); ++i)
        rules += std::format(".c{}{{fill:{}}}", i, palette.plugins[i]);
    return rules;
}

std::string style_of(Theme theme) {
    std::string style(kStyle);
    style += rules_of(theme == Theme::dark ? kDark : kLight);
    if (theme == Theme::automatic)
        style += std::format("@media (prefers-color-scheme:dark){{{}}}", rules_of(kDark));
    return style;
}

std::string counted(std::size_t number, std::string_view what) {
    return std::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

double seconds(Duration duration) {
    return static_cast<double>(duration.count()) / 1e6;
}

// Of 1, 2, 5 times a power of ten: the one that makes four to nine parts.
double tick_of(double total) {
    const double power = std::pow(10, std::floor(std::log10(total / 4)));
    for (const double factor : {5.0, 2.0})
        if (total / (power * factor) >= 4)
            return power * factor;
    return power;
}

class Plot {
public:
    Plot(const BootTimeline &timeline, const std::vector<std::size_t> &chain, Theme theme)
        : timeline_(timeline), chain_(chain), theme_(theme), chart_(make_chart(timeline, chain)),
          bottom_(kAxis + 10 + kRow * static_cast<double>(chart_.rows.size())) {}

    std::string draw() {
        const double height = bottom_ + 58;
        svg_ = std::format(
            R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="Chart of a boot">)"
            "\n<style>{2}</style>\n"
            R"svg(<defs><pattern id="asked" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="6" class="hatch" opacity="0.75"/></pattern></defs>)svg"
            "\n<rect class=\"page\" width=\"{0}\" height=\"{1}\" rx=\"8\"/>\n",
            kWidth, height, style_of(theme_));
        add_title();
        add_legend();
        add_bands();
        add_axis();
        for (std::size_t row = 0; row < chart_.rows.size(); ++row)
            add_row(row);
        add_chain();
        add_footer();
        return std::move(svg_) + "</svg>\n";
    }

private:
    // The six plugins that worked longest have a colour each.
    static std::size_t colour_of(std::size_t group) { return std::min(group, kColours); }

    [[nodiscard]] double x_of(Duration when) const {
        return kChartLeft + (kChartRight - kChartLeft) * seconds(when) / seconds(timeline_.total);
    }
    static double y_of(std::size_t row) { return kAxis + 10 + kRow * static_cast<double>(row); }

    void text(double x, double y, std::string_view style, std::string_view content) {
        svg_ += std::format(R"(<text x="{:.1f}" y="{:.1f}" class="{}">{}</text>)", x, y, style,
                            escaped(content));
    }

    void add_title() {
        text(kMargin, 44, "title",
             std::format("{} from PID 1 to the real init", seconds_text(timeline_.total)));
        std::string more =
            std::format("The kernel took {} before. {} of {}", seconds_text(timeline_.kernel),
                        counted(timeline_.steps.size(), "job"), counted(count_plugins(), "plugin"));
        if (chart_.asked > Duration(0))
            more += std::format("; a person was asked for {}", seconds_text(chart_.asked));
        text(kMargin, 68, "quiet", more + ".");
        svg_ += '\n';
    }

    [[nodiscard]] std::size_t count_plugins() const {
        std::set<std::string> plugins;
        for (const Step &step : timeline_.steps)
            plugins.insert(step.plugin);
        return plugins.size();
    }

    double add_sample(double x, std::string_view style, std::string_view label, bool is_hatched) {
        svg_ += std::format(R"(<rect x="{:.1f}" y="89" width="14" height="12" rx="3" class="{}"/>)",
                            x, style);
        if (is_hatched)
            svg_ += std::format(
                R"svg(<rect x="{:.1f}" y="89" width="14" height="12" rx="3" fill="url(#asked)"/>)svg",
                x);
        const std::string shown = fit_line(label, 13, kGap);
        text(x + 20, 99, "", shown);
        return x + 38 + 6.8 * static_cast<double>(std::max<std::size_t>(display_width(shown), 3));
    }

    void add_legend() {
        double x = kMargin;
        for (std::size_t i = 0; i < std::min(chart_.groups.size(), kColours); ++i)
            x = add_sample(x, std::format("c{}", i), chart_.groups[i].plugin, false);
        if (chart_.groups.size() > kColours)
            x = add_sample(x, "c6", "others", false);
        if (chart_.asked > Duration(0))
            x = add_sample(x, "c6", "asks a person", true);
        if (std::ranges::any_of(timeline_.steps, [](const Step &step) {
                return step.outcome == StepOutcome::failed;
            }))
            (void)add_sample(x, "bad", "failed", false);
        svg_ += '\n';
    }

    void add_bands() {
        for (std::size_t row = 1; row < chart_.rows.size(); row += 2)
            svg_ += std::format(
                R"(<rect class="band" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}"/>)",
                kMargin - 8, y_of(row), kWidth - 2 * kMargin + 16, kRow);
        svg_ += '\n';
    }

    void add_axis() {
        const double total = seconds(timeline_.total);
        const double tick = tick_of(total);
        const int digits = std::max(0, static_cast<int>(-std::floor(std::log10(tick))));
        for (int i = 0; i * tick <= total; ++i) {
            const double x = kChartLeft + (kChartRight - kChartLeft) * i * tick / total;
            svg_ += std::format(
                R"(<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2:.1f}"/>)", x, kAxis,
                bottom_);
            // The last one leaves room for the word at the end.
            if (x < kChartRight - 70 || i == 0)
                text(x, kAxis - 8, i == 0 ? "quiet" : "quiet middle",
                     std::format("{:.{}f} s", i * tick, digits));
        }
        svg_ +=
            std::format(R"(<line class="end" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2:.1f}"/>)",
                        kChartRight, kAxis - 4, bottom_);
        text(kChartRight, kAxis - 8, "quiet middle", "real init");
        svg_ += '\n';
    }

    void add_bar(const ChartRow &row, double y) {
        const Step &step = timeline_.steps[row.step];
        const double x = x_of(step.start);
        const double width = std::max(2.0, x_of(step.end()) - x);
        svg_ += std::format(
            R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}" rx="3" class="{}{}"/>)", x,
            y + (kRow - kBar) / 2, width, kBar,
            step.outcome == StepOutcome::failed ? std::string("bad")
                                                : std::format("c{}", colour_of(row.group)),
            row.is_critical ? " outline" : "");
        for (const AskedQuestion &question : step.questions)
            add_hatch(question.start, question.length, y);
        if (step.questions.empty())
            add_hatch(step.start, step.prompt, y);
    }

    void add_hatch(Duration start, Duration length, double y) {
        if (length == Duration(0))
            return;
        const double x = x_of(start);
        svg_ += std::format(
            R"svg(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}" fill="url(#asked)"/>)svg",
            x, y + (kRow - kBar) / 2, std::max(2.0, x_of(start + length) - x), kBar);
    }

    void add_row(std::size_t number) {
        const ChartRow &row = chart_.rows[number];
        const Step &step = timeline_.steps[row.step];
        const double y = y_of(number);
        svg_ += "<g>";
        svg_ += std::format("<title>{}</title>", escaped(tooltip_of(step)));
        text(kMargin, y + 14, row.is_critical ? "name chain" : "name",
             fit_line(step.unit, kLabelColumns, kGap));
        add_bar(row, y);
        std::string length = seconds_text(step.length);
        if (step.outcome != StepOutcome::done)
            length = std::string(outcome_word(step.outcome)) + ", " + length;
        text(kWidth - kMargin, y + 14, "number quiet", length);
        svg_ += "</g>\n";
    }

    static std::string tooltip_of(const Step &step) {
        std::string tip = std::format("{}: {} of {}, from {} to {}, {}", step.unit, step.operation,
                                      step.plugin, seconds_text(step.start),
                                      seconds_text(step.end()), outcome_word(step.outcome));
        if (step.prompt > Duration(0))
            tip += std::format("; a person was asked for {} of it", seconds_text(step.prompt));
        return tip;
    }

    [[nodiscard]] std::optional<std::size_t> row_of(std::size_t index) const {
        const auto found = std::ranges::find(chart_.rows, index, &ChartRow::step);
        if (found == chart_.rows.end())
            return std::nullopt;
        return static_cast<std::size_t>(found - chart_.rows.begin());
    }

    // From where one ends down to where the next one starts.
    void add_chain() {
        std::optional<std::size_t> before;
        for (const std::size_t index : chain_) {
            const auto row = row_of(index);
            if (row && before) {
                const double x = x_of(timeline_.steps[index].start);
                const double from = y_of(*before) + (kRow + kBar) / 2;
                const double to = y_of(*row) + (kRow - kBar) / 2;
                if (to > from)
                    svg_ += std::format(R"(<path class="path" d="M{:.1f} {:.1f}V{:.1f}"/>)", x,
                                        from, to);
            }
            if (row)
                before = row;
        }
        svg_ += '\n';
    }

    void add_footer() {
        std::string left;
        if (!chain_.empty())
            left = "Outlined: the chain that the end of the boot waited for.";
        text(kMargin, bottom_ + 30, "quiet", left);
        if (const std::string right = hidden_text(); !right.empty())
            text(kWidth - kMargin, bottom_ + 30, "quiet right", right);
    }

    [[nodiscard]] std::string hidden_text() const {
        std::string hidden;
        if (chart_.hidden > 0)
            hidden = std::format("{} more of at most {}", counted(chart_.hidden, "job"),
                                 seconds_text(chart_.longest_hidden));
        if (timeline_.dropped > 0)
            hidden += std::format("{}{} that nobody wrote down", hidden.empty() ? "" : ", and ",
                                  timeline_.dropped);
        return hidden;
    }

    const BootTimeline &timeline_;
    const std::vector<std::size_t> &chain_;
    Theme theme_;
    Chart chart_;
    double bottom_;
    std::string svg_;
};

} // namespace

std::string plot_svg(const BootTimeline &timeline, const std::vector<std::size_t> &chain,
                     Theme theme) {
    return Plot(timeline, chain, theme).draw();
}

} // namespace slipway::report
