"""Results as JSON, as a Markdown table and as plots."""

import collections
import html
import json
import math
import statistics

REFERENCE = "nginx, no check"
MIB = 2**20


def short(figures):
    parts = [f"{figures['rate']:,.0f}/s"]
    if "cpu" in figures:
        parts.append(f"{figures['cpu']:.1f} µs CPU")
    if "p99" in figures:
        parts.append(f"p50 {figures['p50']:.0f} µs, p99 {figures['p99']:.0f} µs")
    return ", ".join(parts)


def stormy(figures):
    """One round of a storm in a line."""
    alone, storm, sign_ins = figures["alone"], figures["storm"], figures["sign_ins"]
    return (f"{sign_ins['rate']:.0f} sign-ins/s, check p99 {micros(alone, 'p99')} → {micros(storm, 'p99')} µs, requests p99 "
            f"{alone['p99']:.0f} → {storm['p99']:.0f} µs, {alone['errors']} → {storm['errors']} errors")


def micros(figures, name):
    """A figure of the checks, in microseconds."""
    return cell(figures["check"].get(name) and figures["check"][name] * 1e6, "{:.1f}")


# What is compared: its name, where it stands in the figures of a round, its scale and form.
STORM_ROWS = [("requests/s of people inside", ("rate",), 1, "{:,.0f}"), ("their p50, µs", ("p50",), 1, "{:,.0f}"),
              ("their p99, µs", ("p99",), 1, "{:,.0f}"), ("check, mean, µs", ("check", "mean"), 1e6, "{:.2f}"),
              ("check, p50, µs", ("check", "p50"), 1e6, "{:.1f}"), ("check, p99, µs; aim: at most 2×", ("check", "p99"), 1e6, "{:.1f}")]


def seen(rounds, where, path):
    """The median over all rounds of what stands there."""
    values = []
    for figures in rounds:
        value = figures[where]
        for name in path:
            value = value.get(name) if value else None
        values += [value] if value is not None else []
    return statistics.median(values) if values else None


def storm_lines(peer, rounds):
    """The storm as a table: traffic alone and beside it, then what became of those who signed in."""
    out = [f"**Sign-ins beside steady traffic: {peer}** ({len(rounds)} rounds, medians; people inside on 8 connections that pause 1 ms "
           "after each answer; 16 clients that sign in without a pause)", "",
           "| | alone | in the storm | storm ÷ alone |", "|---|---:|---:|---:|"]
    for name, path, scale, pattern in STORM_ROWS:
        alone, storm = seen(rounds, "alone", path), seen(rounds, "storm", path)
        shown = [cell(value and value * scale, pattern) for value in (alone, storm)]
        out.append(f"| {name} | {shown[0]} | {shown[1]} | {cell(storm / alone if alone and storm else None, '{:.2f}')} |")
    errors, answers = collections.Counter(), collections.Counter()
    for figures in rounds:
        errors.update({where: figures[where]["errors"] for where in ("alone", "storm")})
        answers.update(figures["sign_ins"]["answers"])
    rate, p50, p99 = (seen(rounds, "sign_ins", (name,)) for name in ("rate", "p50", "p99"))
    return [*out, f"| their errors, all rounds | {errors['alone']} | {errors['storm']} | |", "",
            f"Sign-ins judged: {cell(rate, '{:.1f}')} per second, p50 {cell(p50 and p50 * 1e3)} ms, p99 {cell(p99 and p99 * 1e3)} ms. "
            "Answers, all rounds: " + "; ".join(f"{name}: {count:,}" for name, count in sorted(answers.items())) + ". Where in its bucket "
            "of the histogram a quantile of the checks lies is estimated.", ""]


def of(rounds, name):
    values = [figures[name] for figures in rounds if name in figures]
    return (statistics.median(values), min(values), max(values)) if values else None


def ratio(rows, peer, name="cpu"):
    """Median of the ratios round by round: what disturbs a round disturbs both."""
    base = rows.get(REFERENCE)
    if not base:
        return None
    pairs = [own[name] / other[name] for own, other in zip(rows[peer], base) if name in own and other.get(name)]
    return statistics.median(pairs) if pairs else None


def cell(value, pattern="{:,.0f}"):
    return "–" if value is None else pattern.format(value)


def units(case):
    """What is counted, what it costs, and the scale of that."""
    if case.startswith("one answer"):
        return "MB/s", "CPU ms/GiB", 1e-3
    if case.startswith("WebSocket"):
        return "messages/s", "CPU µs/message there and back", 1
    return "requests/s", "CPU µs/request", 1


def markdown(results):
    out = [f"Measured {results['date']} by `{results['command']}`: {results['machine']}; proxy on core 0, load and portal on core 1; "
           f"interleaved rounds, medians (min–max); {results['sessions']:,} live sessions, "
           "drawn at random; access log on everywhere but where it says otherwise.", ""]
    for case, rows in results["cases"].items():
        rate, cost, scale = units(case)
        of_case = results["plan"][case]
        out += [f"**{case}** ({of_case['rounds']} × {of_case['seconds']:g} s)", "",
                f"| proxy | {rate} | {cost} | CPU ÷ nginx | p50 µs | p99 µs |", "|---|---:|---:|---:|---:|---:|"]
        for peer, rounds in rows.items():
            cpu, helper = of(rounds, "cpu"), of(rounds, "helper")
            shown = "–" if not cpu else f"{cpu[0] * scale:,.1f} ({cpu[1] * scale:,.1f}–{cpu[2] * scale:,.1f})"
            if helper and helper[0] > 0.05:
                shown += f" + {helper[0]:.1f} in the checker"
            p50, p99 = of(rounds, "p50"), of(rounds, "p99")
            out.append(f"| {peer} | {cell(of(rounds, 'rate')[0])} | {shown} | {cell(ratio(rows, peer), '{:.2f}')} "
                       f"| {cell(p50 and p50[0])} | {cell(p99 and p99[0])} |")
        out.append("")
    for peer, by_case in results.get("check", {}).items():
        worst = [f"{case}: ≤ {cell(f['p50'] and f['p50'] * 1e6, '{:g}')} / {cell(f['p99'] and f['p99'] * 1e6, '{:g}')} µs"
                 for case, f in by_case.items()]
        out += [f"`vestibule_check_seconds` of {peer}, median / p99: " + "; ".join(worst), ""]
    for peer, rounds in results.get("storm", {}).items():
        out += storm_lines(peer, rounds)
    out += ["| memory | idle process, MiB | of which anonymous | per idle TLS connection, KiB |", "|---|---:|---:|---:|"]
    for peer, memory in results["memory"].items():
        out.append(f"| {peer} | {cell(memory['idle'] / MIB, '{:.1f}')} | {cell(memory['anonymous'] / MIB, '{:.1f}')} | "
                   f"{cell(memory.get('connection') and memory['connection'] / 1024, '{:.1f}')} |")
    out += ["", f"Vestibule holds {results['sessions']:,} sessions there; `benches/load/growth` tells what it takes with one. What is not "
            "anonymous are pages of program files, of which each gets its part where others run the same program, as nginx is here."]
    return "\n".join(out) + "\n"


def bars(title, rows):
    """CPU per request of each peer as bars, drawn without a library."""
    width, line, left = 720, 26, 230
    most = max(value for _, value in rows) or 1
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{line * len(rows) + 50}" font-family="sans-serif" font-size="13">',
             f'<rect width="100%" height="100%" fill="#fff"/><text x="10" y="22" font-weight="bold">{html.escape(title)}</text>']
    for number, (name, value) in enumerate(rows):
        y = 36 + number * line
        length = (width - left - 80) * value / most
        colour = "#1f6feb" if name.startswith("Vestibule") else "#8c959f"
        parts.append(f'<text x="{left - 8}" y="{y + 16}" text-anchor="end">{html.escape(name)}</text><rect x="{left}" y="{y + 3}" '
                     f'width="{length:.0f}" height="18" fill="{colour}"/><text x="{left + length + 6:.0f}" y="{y + 17}">{value:.1f}</text>')
    return "".join(parts) + "</svg>\n"


def write(folder, results):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / "latest.md").write_text(markdown(results))
    for number, (case, rows) in enumerate(results["cases"].items()):
        values = [(peer, of(rounds, "cpu")[0] * units(case)[2]) for peer, rounds in rows.items() if of(rounds, "cpu")]
        if values:
            (folder / f"cpu-{number + 1}.svg").write_text(bars(f"{units(case)[1]}: {case}", values))


# What grows: its heading, its file, its form, and where it stands in the figures of a gate.
GROWN = [
    ("ready after, s", "ready", "{:,.2f}", lambda gate, _: gate["start"]["ready"]),
    ("memory when ready, MiB", "memory", "{:,.0f}", lambda gate, _: gate["start"]["memory"]["now"] / MIB),
    ("peak of memory when ready, MiB", "", "{:,.0f}", lambda gate, _: gate["start"]["memory"]["most"] / MIB),
    ("memory per session, bytes", "", "{:,.0f}", lambda gate, first: per_session(gate, first)),
    ("check p50, µs", "check-p50", "{:.2f}", lambda gate, _: gate["check"]["p50"] * 1e6),
    ("check p99, µs", "check-p99", "{:.1f}", lambda gate, _: gate["check"]["p99"] * 1e6),
    ("check mean, µs", "check-mean", "{:.2f}", lambda gate, _: gate["check"]["mean"] * 1e6),
    ("sessions that asked", "", "{:,.0f}", lambda gate, _: gate["idle"]["sessions_seen"] or None),
    ("idle, CPU ms per second", "idle", "{:,.1f}", lambda gate, _: gate["idle"]["mean"] * 1e3),
    ("idle, CPU of the worst second, ms", "", "{:,.0f}", lambda gate, _: gate["idle"]["most"] * 1e3),
    ("peak of memory after traffic and idling, MiB", "memory-later", "{:,.0f}", lambda gate, _: gate["idle"]["memory"]["most"] / MIB),
    ("`session list`, s", "list", "{:,.2f}", lambda gate, _: whole(gate["list"])["seconds"]),
    ("`session list`, CPU s", "", "{:,.2f}", lambda gate, _: whole(gate["list"])["cpu"]),
    ("`session list`, memory at most, MiB", "", "{:,.0f}", lambda gate, _: whole(gate["list"])["memory"] / MIB),
    ("a tenth revoked: one refused after, s", "", "{:,.2f}", lambda gate, _: gate["revoke_account"]["refused"]),
    ("a tenth revoked: a hundred refused after, s", "revoke-tenth", "{:,.2f}", lambda gate, _: gate["revoke_account"]["all_refused"]),
    ("the rest revoked: one refused after, s", "", "{:,.2f}", lambda gate, _: gate["revoke_all"]["refused"]),
    ("the rest revoked: a hundred refused after, s", "revoke-all", "{:,.2f}", lambda gate, _: gate["revoke_all"]["all_refused"]),
]


def per_session(gate, first):
    more = gate["sessions"] - first["sessions"]
    return (gate["start"]["memory"]["now"] - first["start"]["memory"]["now"]) / more if more else None


def whole(command):
    """The figures of a command that did what it was asked to."""
    return {} if "trouble" in command else command


def grown(results):
    """(heading, file, form, {sessions: value}) of all that grows; what is missing was not measured."""
    gates = {int(count): {**gate, "sessions": int(count)} for count, gate in results["gates"].items()}
    first = gates[min(gates)]
    for heading, name, pattern, find in GROWN:
        values = {}
        for count, gate in gates.items():
            try:
                values[count] = find(gate, first)
            except KeyError:
                values[count] = None
        yield heading, name, pattern, values


def growth(results):
    """One gate in each column, because there is more to say than there are gates."""
    counts = list(map(int, results["gates"]))
    out = [f"Measured {results['date']} by `{results['command']}`: {results['machine']}; one gate after the other, each with one worker "
           f"on core 0; load and commands on core 1; {results['seconds']} s of HTTP/1.1 on 32 connections, every request by a session drawn "
           f"at random; then {results['idle']} s without a request. Memory is VmRSS and VmHWM.", "",
           "| live sessions | " + " | ".join(f"{count:,}" for count in counts) + " |", "|---|" + "---:|" * len(counts)]
    for heading, _, pattern, values in grown(results):
        out.append(f"| {heading} | " + " | ".join(cell(values[count], pattern) for count in counts) + " |")
    out += ["", "Revoked: from the start of `vestibule session end` until one of those concerned, then each of a hundred, is sent away. "
            "Where in its bucket of the histogram a quantile of the checks lies is estimated.", "", "What `/readyz` said until it was ready:", ""]
    for count, gate in results["gates"].items():
        said = [f"from {words['after']:.2f} s on {words['status'] or ''} {words['says']}".replace("  ", " ")
                for words in gate.get("start", {"said": []})["said"]]
        out.append(f"- {int(count):,}: " + "; ".join(said))
    troubles = [f"- {int(count):,}, {name}: {step['trouble']}" for count, gate in results["gates"].items() for name, step in gate.items()
                if isinstance(step, dict) and "trouble" in step]
    return "\n".join([*out, *(["", "What did not work:", "", *troubles] if troubles else [])]) + "\n"


def line(title, values):
    """A value over the number of sessions, which grows by tens; drawn without a library."""
    width, height, left, top, bottom = 720, 300, 70, 44, 40
    least, span = math.log10(min(values)), max(math.log10(max(values)) - math.log10(min(values)), 1)
    most = max(values.values()) or 1
    at = {count: (left + (width - left - 60) * (math.log10(count) - least) / span, top + (height - top - bottom) * (1 - value / most))
          for count, value in values.items()}
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="13">',
             f'<rect width="100%" height="100%" fill="#fff"/><text x="10" y="22" font-weight="bold">{html.escape(title)}</text>',
             f'<path d="M{left} {top}V{height - bottom}H{width - 40}" fill="none" stroke="#8c959f"/>',
             f'<polyline fill="none" stroke="#1f6feb" stroke-width="2" points="{" ".join(f"{x:.0f},{y:.0f}" for x, y in at.values())}"/>']
    for count, (x, y) in at.items():
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="#1f6feb"/><text x="{x:.0f}" y="{y - 9:.0f}" text-anchor="middle">'
                     f'{values[count]:,.3g}</text><text x="{x:.0f}" y="{height - bottom + 18}" text-anchor="middle">{count:,}</text>')
    return "".join(parts) + "</svg>\n"


def write_growth(folder, results):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "growth.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / "growth.md").write_text(growth(results))
    for heading, name, _, values in grown(results):
        known = {count: value for count, value in values.items() if value is not None}
        if name and known:
            (folder / f"growth-{name}.svg").write_text(line(f"{heading.replace('`', '')}, by live sessions", known))
