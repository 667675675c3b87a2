"""Man pages from what the tool says of itself: `mnquant --experimental-dump-help`."""

import json
import time


def pages(dump, facts):
    """The text of each page by its file name: one for the tool and one for each command."""
    root = json.loads(dump)["command"]
    return dict(page(command, names, facts) for command, names in commands(root, []))


def commands(command, above):
    names = [*above, command["commandName"]]
    yield command, names
    for other in command.get("subcommands", []):
        if other.get("shouldDisplay", True) and other["commandName"] != "help":
            yield from commands(other, names)


def page(command, names, facts):
    title = "-".join(names)
    day = time.strftime("%Y-%m-%d", time.gmtime(facts.time))
    lines = [f'.TH "{escape(title.upper())}" 1 "{day}" "mnquant {facts.version}" "mnquant"',
             ".SH NAME", f"{escape(title)} \\- {escape(command.get('abstract', ''))}",
             ".SH SYNOPSIS", f".B {escape(' '.join(names))}", escape(synopsis(command))]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", *paragraphs(command["discussion"])]
    shown = [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]
    for section in dict.fromkeys(a.get("sectionTitle") or "Options" for a in shown):
        lines.append(f".SH {escape(section.upper())}")
        for argument in shown:
            if (argument.get("sectionTitle") or "Options") == section:
                lines += option(argument)
    others = [c for c in command.get("subcommands", [])
              if c.get("shouldDisplay", True) and c["commandName"] != "help"]
    if others:
        lines.append(".SH COMMANDS")
        for other in others:
            lines += [".TP", f".BR {escape(title)}-{escape(other['commandName'])} (1)",
                      escape(other.get("abstract", ""))]
    if len(names) > 1:
        lines += [".SH SEE ALSO", f".BR {escape('-'.join(names[:-1]))} (1)"]
    return f"{title}.1", "\n".join(lines) + "\n"


def synopsis(command):
    words = []
    for argument in command.get("arguments", []):
        if not argument.get("shouldDisplay", True):
            continue
        if argument["kind"] == "positional":
            words.append(f"<{argument['valueName']}>" + ("..." if argument["isRepeating"] else ""))
        elif not argument["isOptional"]:
            words.append(spelling(argument))
    return " ".join(["[options]", *words])


def spelling(argument):
    names = ", ".join(("-" if n["kind"] == "short" else "--") + n["name"] for n in argument["names"])
    return names + (f" <{argument['valueName']}>" if argument["kind"] == "option" else "")


def option(argument):
    name = (f"<{argument['valueName']}>" if argument["kind"] == "positional" else spelling(argument))
    about = [argument.get("abstract", "")]
    if argument.get("allValues"):
        about.append(f"Values: {', '.join(argument['allValues'])}.")
    if argument.get("defaultValue") is not None:
        about.append(f"Default: {argument['defaultValue']}.")
    lines = [".TP", f".B {escape(name)}", escape(" ".join(filter(None, about)))]
    return lines + ([".br", escape(argument["discussion"])] if argument.get("discussion") else [])


def paragraphs(text):
    """Plain text as roff: paragraphs, and indented lines as they stand."""
    lines = []
    for block in text.split("\n\n"):
        lines.append(".PP")
        if block.startswith("  "):
            lines += [".nf", *[escape(line) for line in block.split("\n")], ".fi"]
        else:
            lines.append(escape(" ".join(block.split())))
    return lines


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(("\\&" + l if l[:1] in (".", "'") else l) for l in text.split("\n"))
