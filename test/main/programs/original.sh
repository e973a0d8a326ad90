set -eu
base=$HANDLER_BASE_DIR

# The value of a key of in/eventmeta.json; a file's key is its name, and its value where it is.
meta() {
  tr -d '\n' < "$base/in/eventmeta.json" | sed -n "s/.*{ *\"key\": *\"$1\", *\"value\": *\"\([^\"]*\)\".*/\1/p"
}

language=$(meta language)
path=$(meta letter.txt)
words=$(wc -w < "$path" | tr -d ' ')
echo "$words words in $language" > "$base/out/data/summary.txt"
cp "$path" "$base/out/data/letter.txt"
cat > "$base/out/events/event0.json" << EVENT
[{"key":"eventType","value":"words_counted"},{"key":"files","value":"summary.txt,letter.txt"},
 {"key":"words","value":"$words"},{"key":"exact","value":"true"},{"key":"path","value":"$path"}]
EVENT
echo "[{\"key\":\"language\",\"value\":\"$language\"},{\"key\":\"pages\",\"value\":\"$(meta pages)\"}]" > "$base/out/insights.json"
