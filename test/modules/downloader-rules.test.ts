import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isPublicAddress } from "../../modules/downloader/addresses.ts";
import { detectKind } from "../../modules/downloader/detect-kind.ts";
import { chooseFileName } from "../../modules/downloader/file-name.ts";
import { redactUrl } from "../../modules/downloader/redact-url.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const privateAddresses: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.1", "127.255.0.1", "::1"],
  private: ["10.0.0.1", "172.16.0.1", "192.168.1.1", "fc00::1", "fd00:ec2::254"],
  "link-local and metadata": ["169.254.169.254", "fe80::1", "168.63.129.16", "100.100.100.200"],
  shared: ["100.64.0.1"],
  "unspecified, broadcast and multicast": ["0.0.0.0", "::", "255.255.255.255", "224.0.0.1", "ff02::1"],
  "reserved and for documents": ["192.0.2.1", "198.18.0.1", "203.0.113.9", "240.0.0.1", "2001:db8::1"],
  "hidden in IPv6": [
    "::ffff:10.0.0.1",
    "::ffff:a00:1",
    "::10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:a00:1::",
    "2001::1",
  ],
};

for (const [what, addresses] of Object.entries(privateAddresses)) {
  test(`isPublicAddress() refuses what is ${what}`, () => {
    assert.deepEqual(addresses.filter(isPublicAddress), []);
  });
}

test("isPublicAddress() takes addresses of the internet", () => {
  const addresses = ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1"];
  assert.deepEqual(addresses.filter(isPublicAddress), addresses);
});

const names: readonly (readonly [string | undefined, string, string])[] = [
  [undefined, "https://a.test/clips/film%20one.mov?x=1", "film one.mov"],
  [undefined, "https://a.test/", "download"],
  [undefined, "https://a.test/%E0%A4%A", "%E0%A4%A"],
  [undefined, "https://a.test/..%2f..%2fetc%2fpasswd", "passwd"],
  ['attachment; filename="film.mov"', "https://a.test/x", "film.mov"],
  ["attachment; filename=film.mov", "https://a.test/x", "film.mov"],
  ['attachment; filename="a \\"quoted\\" name.mov"', "https://a.test/x", "a quoted name.mov"],
  ["attachment; filename=\"e.mov\"; filename*=UTF-8''%e2%82%ac.mov", "https://a.test/x", "€.mov"],
  ["attachment; filename*=iso-8859-1'en'%A3.mov", "https://a.test/x", "£.mov"],
  ["attachment; filename*=UTF-8''%ff; filename=plain.mov", "https://a.test/x", "plain.mov"],
  ['attachment; filename="../../etc/cron.d/evil"', "https://a.test/x", "evil"],
  ['attachment; filename="C:\\\\Windows\\\\evil.exe"', "https://a.test/x", "evil.exe"],
  ["attachment; filename*=UTF-8''..%2f..%2fevil", "https://a.test/x", "evil"],
  ['attachment; filename=".."', "https://a.test/x.mov", "x.mov"],
  ['attachment; filename=".bashrc"', "https://a.test/x", "bashrc"],
  ["attachment; filename*=UTF-8''a%00%0a%E2%80%AEb.mov", "https://a.test/x", "ab.mov"],
];

for (const [header, address, expected] of names) {
  test(`chooseFileName() makes '${expected}' of ${JSON.stringify(header ?? address)}`, () => {
    assert.equal(chooseFileName(header, new URL(address)), expected);
  });
}

test("chooseFileName() shortens a long name and keeps its extension", () => {
  const name = chooseFileName(undefined, new URL(`https://a.test/${"é".repeat(300)}.mov`));
  assert.ok(Buffer.byteLength(name) <= 200 && /^é+\.mov$/.test(name), name);
});

const kinds: readonly (readonly [string, Buffer, string, string])[] = [
  ["a.png", Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), "text/html", "image image/png"],
  ["a.avi", Buffer.from("RIFF....AVI LIST"), "application/octet-stream", "video video/x-msvideo"],
  ["a.webm", Buffer.from("\x1aE\xdf\xa3....", "latin1"), "video/webm", "video video/webm"],
  ["a", Buffer.from("....ftypisom"), "", "video video/mp4"],
  ["a", Buffer.from("....ftypavif"), "video/mp4", "image image/avif"],
  ["a.m4a", Buffer.from("....ftypM4A "), "", "other audio/mp4"],
  ["a.wmv", Buffer.from("unknown"), "application/octet-stream", "video video/x-ms-wmv"],
  ["a", Buffer.from("<html>"), "text/html; charset=utf-8", "other text/html"],
  ["a", Buffer.from(""), "", "other application/octet-stream"],
];

test("detectKind() believes the first bytes, then the server, then the extension", async (t) => {
  const folder = temporaryFolder(t);
  for (const [name, content, header, expected] of kinds) {
    const file = join(folder, name);
    writeFileSync(file, content);
    const { kind, contentType } = await detectKind(file, header);
    assert.equal(`${kind} ${contentType}`, expected);
  }
});

test("redactUrl() drops what opens an address", () => {
  assert.equal(
    redactUrl("https://me:secret@a.test/b.mov?X-Amz-Signature=abc&sig=1&v=2#part"),
    "https://a.test/b.mov?X-Amz-Signature=***&sig=***&v=2",
  );
});
