#!/usr/bin/env bash
# pandas 3.1.1: texts of a JSON file are read as numbers, and an uptime as a day in 1971.
# A careful engineer would guess: JSON says which values are texts, so `read_json` keeps them, as
# `DataFrame` does with the same records, and as polars 2.1.0 does.
# Instead, a column of texts that could all be numbers becomes one of numbers, as if it came from a CSV:
# the configuration version 9.10 of a VM is 9.1, seat 01 is 1, and the checksum 12e4 is 120000; a VM
# with another kind of text makes all of them texts again. A number in a column that ends in `_time`
# becomes a date, so ten hours in milliseconds are a day in February. A table that was made from
# `Get-VM | ConvertTo-Json` changes with the VMs in it. `dtype=False` keeps what the file says.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pandas==3.1.1 polars==2.1.0 2>/dev/null
cat > read.py <<'END'
import json
import pandas
import polars

VM = {"seat": "01", "version": "9.10", "checksum": "12e4", "up_time": 36000000}
OTHER = {"seat": "02", "version": "n/a", "checksum": "9f3c", "up_time": 72000000}
for rows in ([VM], [VM, OTHER]):
    with open("vms.json", "w") as file:
        json.dump(rows, file)
    print(f"{len(rows)} in the file")
    for title, table in (
        ("read_json", pandas.read_json("vms.json")),
        ("DataFrame", pandas.DataFrame(rows)),
        ("dtype=False", pandas.read_json("vms.json", dtype=False)),
        ("polars", polars.read_json("vms.json")),
    ):
        first = table.row(0) if title == "polars" else table.iloc[0]
        print(f"  {title}:", ", ".join(str(value) for value in first))
END
venv/bin/python read.py | tee seen
diff - seen <<'END'
1 in the file
  read_json: 1, 9.1, 120000.0, 1971-02-21 16:00:00
  DataFrame: 01, 9.10, 12e4, 36000000
  dtype=False: 01, 9.10, 12e4, 36000000
  polars: 01, 9.10, 12e4, 36000000
2 in the file
  read_json: 1, 9.10, 12e4, 1971-02-21 16:00:00
  DataFrame: 01, 9.10, 12e4, 36000000
  dtype=False: 01, 9.10, 12e4, 36000000
  polars: 01, 9.10, 12e4, 36000000
END
echo "As described."
