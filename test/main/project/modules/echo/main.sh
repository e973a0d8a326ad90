if grep -q '"wait":true' "$ION_DIR/in/event.json"; then read word < "$TMPDIR/gate"; fi
echo "{\"source\":\"one\",\"declaration\":\"$WORD\"}" > "$ION_DIR/out/insights.json"
