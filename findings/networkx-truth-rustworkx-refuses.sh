#!/usr/bin/env bash
# networkx 3.6.1 and rustworkx 0.18.1: a truth value in a GraphML file of networkx costs rustworkx the whole file.
# A careful engineer would guess: GraphML with the standard's own types travels between the two
# libraries, the more so as rustworkx offers a function for networkx's graphs.
# Instead, networkx writes Python's True and False under attr.type="boolean"; XML Schema, which GraphML
# takes its types from, has true and false. rustworkx refuses the file for that one word, without the
# attribute's name or a line. igraph, graphology and networkx read it, so a file that was tried with
# them ("this VM is nested: true") is no evidence for others.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q networkx==3.6.1 rustworkx==0.18.1 igraph==1.0.0 2>/dev/null
npm install --silent --no-audit --no-fund graphology@0.26.0 graphology-graphml@0.5.2 >/dev/null 2>&1
cat > run.py <<'EOF'
import pathlib

import igraph
import networkx as nx
import rustworkx

lab = nx.Graph()
lab.add_node("HV1", nested=True)
lab.add_node("web1", nested=False)
lab.add_edge("HV1", "web1")
nx.write_graphml(lab, "lab.graphml")
print("written:", *[line.strip() for line in open("lab.graphml") if "<data" in line])
print("networkx:", *nx.read_graphml("lab.graphml").nodes.data("nested"))
print("igraph:", *igraph.Graph.Read_GraphML("lab.graphml").vs["nested"])


def read(path):
    try:
        [graph] = rustworkx.read_graphml(path)
        return [(node["id"], node["nested"]) for node in graph.nodes()]
    except Exception as error:
        return f"{type(error).__name__}: {error}"


print("rustworkx:", read("lab.graphml"))
text = pathlib.Path("lab.graphml").read_text()
pathlib.Path("lower.graphml").write_text(text.replace("True", "true").replace("False", "false"))
print("rustworkx, in lower case:", read("lower.graphml"))
EOF
{
  venv/bin/python run.py
  node -e 'const read = require("graphology-graphml").parse(require("graphology").Graph, require("fs").readFileSync("lab.graphml", "utf8"));
    console.log("graphology:", read.mapNodes((node, { nested }) => `${node} ${nested}`).join(", "));'
} | tee seen
diff - seen <<'EOF'
written: <data key="d0">True</data> <data key="d0">False</data>
networkx: ('HV1', True) ('web1', False)
igraph: True False
rustworkx: Exception: Failed conversion to 'bool': provided string was not `true` or `false`
rustworkx, in lower case: [('HV1', True), ('web1', False)]
graphology: HV1 true, web1 false
EOF
echo "As described."
