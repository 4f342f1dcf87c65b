import Foundation
import KittyShared
import TestSupport
import Testing

/// Photos that nginx sends itself, once the server has checked the right to see them.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct SentFileTests {
  /// Signs Anna up, and sets her photo.
  private static let start = #"""
    curl -sf -o /dev/null -H 'Content-Type: application/json' -d '{"name":"anna","password":"a long password"}' "$KITTY/v1/users"
    TOKEN=$(curl -sf -H 'Content-Type: application/json' -d '{"name":"anna","password":"a long password"}' "$KITTY/v1/sessions" | jq -r .token)
    curl -sf -o /dev/null -T "$CAT" -H "Authorization: Bearer $TOKEN" "$KITTY/v1/me/photo"
    echo "$TOKEN"
    """#

  @Test func photoIsSentByNginx() async throws {
    try await Deployment.run(settings: ["NGINX_SENDS_FILES": "1"]) { deployment in
      let token = try await deployment.curl(Self.start)
      func get(_ options: String, url: String? = nil) async throws -> (head: String, body: Data) {
        let file = deployment.folder + "/body"
        let head = try await deployment.curl(
          #"rm -f "$FILE"; curl -s -D - -o "$FILE" -H "Authorization: Bearer $TOKEN" \#(options)"#,
          ["TOKEN": token, "FILE": file, "SERVER": deployment.serverURL])
        return (
          head.replacing("\r\n", with: "\n").lowercased(),
          (try? Data(contentsOf: URL(filePath: file))) ?? Data()
        )
      }
      let direct = try await get(#""$SERVER/v1/me/photo""#)
      #expect(direct.head.hasPrefix("http/1.1 200") && direct.body.starts(with: [0xff, 0xd8]))
      let tag = try #require(direct.head.firstMatch(of: /\netag: (\S+)/)?.1)

      // The server names the file to its proxy alone.
      let asProxy = try await get(#"-H 'X-Accel-Files: 1' "$SERVER/v1/me/photo""#)
      let path = try #require(asProxy.head.firstMatch(of: /\nx-accel-redirect: (\S+)/)?.1)
      #expect(asProxy.body.isEmpty && path.hasPrefix("/-files/"))

      let sent = try await get(#""$KITTY/v1/me/photo""#)
      #expect(sent.body == direct.body && sent.head.contains("\netag: \(tag)\n"), "\(sent.head)")
      for line in [
        "content-type: image/jpeg", "accept-ranges: bytes", "cache-control: private, no-cache",
        "x-content-type-options: nosniff", "x-frame-options: deny", "referrer-policy: no-referrer",
        "content-security-policy: default-src 'none'; frame-ancestors 'none'",
      ] { #expect(sent.head.components(separatedBy: "\n\(line)").count == 2, "\(line) in \(sent.head)") }
      #expect(!sent.head.contains("x-accel") && !sent.head.contains("last-modified"), "\(sent.head)")
      #expect(sent.head.contains("\nx-request-id: "))

      for address in [#""$KITTY/v1/me/photo""#, #""$SERVER/v1/me/photo""#] {
        let again = try await get("-H 'If-None-Match: \(tag)' \(address)")
        #expect(again.head.hasPrefix("http/1.1 304") && again.body.isEmpty, "\(again.head)")
        let part = try await get("-r 10-19 \(address)")
        #expect(part.head.hasPrefix("http/1.1 206") && part.body == direct.body[10..<20], "\(part.head)")
        #expect(part.head.contains("\ncontent-range: bytes 10-19/\(direct.body.count)"))
        #expect(part.head.contains("\netag: \(tag)"))
        let last = try await get("-r -5 \(address)")
        #expect(last.body == direct.body.suffix(5))
        let same = try await get("-r 0-0 -H 'If-Range: \(tag)' \(address)")
        #expect(same.head.hasPrefix("http/1.1 206") && same.body.count == 1, "\(same.head)")
        let other = try await get(#"-r 0-0 -H 'If-Range: "other"' \#(address)"#)
        #expect(other.head.hasPrefix("http/1.1 200") && other.body == direct.body, "\(other.head)")
        let outside = try await get("-r 99999999- \(address)")
        #expect(outside.head.hasPrefix("http/1.1 416"), "\(outside.head)")
        #expect(outside.head.contains("content-type: application/problem+json"), "\(outside.head)")
        let head = try await get("-I \(address)")
        #expect(head.head.contains("\netag: \(tag)"), "\(head.head)")
      }

      // No client can ask for the path, whatever its form; and a client cannot make the server give it out.
      for asked in [
        path[...], "/-files/../photos/", "/-files/..%2f..%2fserver.log", "/-files/../../server.log",
        "/v1/../-files\(path.dropFirst(7))", "/-FILES/x", "//-files\(path.dropFirst(7))",
      ] {
        let answer = try await get("--path-as-is \"$KITTY\(asked)\"")
        #expect(answer.head.hasPrefix("http/1.1 404") || answer.head.hasPrefix("http/1.1 400"), "\(asked)")
        #expect(!answer.body.starts(with: [0xff, 0xd8]), "\(asked)")
      }
      let steered = try await get(#"-H 'X-Accel-Redirect: /-files/../server.log' "$KITTY/v1/me""#)
      #expect(steered.head.hasPrefix("http/1.1 200") && steered.body.starts(with: Data("{".utf8)))
      let stranger = try await deployment.curl(
        #"curl -s -o /dev/null -w '%{http_code}' "$KITTY/v1/me/photo""#)
      #expect(stranger == "401")
    }
  }

  @Test func receiptIsSentByNginxToItsGroupAlone() async throws {
    try await Deployment.run(settings: ["NGINX_SENDS_FILES": "1"]) { deployment in
      let token = try await deployment.curl(Self.start)
      let outcome = try await deployment.curl(
        #"""
        A="Authorization: Bearer $TOKEN"; J='Content-Type: application/json'
        group=$(curl -sf -H "$A" -H "$J" -d '{"name":"Flat","currency":"EUR"}' "$KITTY/v1/groups")
        g="$KITTY/v1/groups/$(echo "$group" | jq -r .id)"
        curl -sf -o /dev/null -H "$A" -H "$J" -d "{\"description\":\"Taxi\",\"amount\":900,\"payer\":\"$(echo "$group" | jq -r .me)\"}" "$g/expenses"
        curl -sf -o /dev/null -H "$A" -T "$CAT" "$g/entries/1/receipts/1?name=taxi.jpg"
        curl -sf -D "$DIR/head" -o "$DIR/receipt" -H "$A" "$g/entries/1/receipts/1"
        cmp "$DIR/receipt" "$CAT" && echo same
        tr -d '\r' <"$DIR/head" | tr A-Z a-z | grep -E '^(content-disposition|content-security-policy|content-type|etag|x-content-type-options): '
        tail -c +4 "$CAT" | head -c 5 >"$DIR/part"
        curl -sf -r 3-7 -H "$A" "$g/entries/1/receipts/1" | cmp - "$DIR/part" && echo part
        tag=$(sed -n 's/^etag: //Ip' "$DIR/head" | tr -d '\r')
        curl -s -o /dev/null -w '%{http_code}\n' -H "$A" -H "If-None-Match: $tag" "$g/entries/1/receipts/1"
        [ "$tag" = "\"$(sha256sum "$CAT" | cut -d' ' -f1)\"" ] && echo hash
        curl -sf -o "$DIR/all.zip" -H "$A" "$g/receipts.zip" && python3 -m zipfile -t "$DIR/all.zip"
        curl -s -o /dev/null -H "$J" -d '{"name":"eve","password":"a long password"}' "$KITTY/v1/users"
        E="Authorization: Bearer $(curl -sf -H "$J" -d '{"name":"eve","password":"a long password"}' "$KITTY/v1/sessions" | jq -r .token)"
        curl -s -o /dev/null -w '%{http_code}\n' -H "$E" "$g/entries/1/receipts/1"
        curl -s -o /dev/null -w '%{http_code}\n' -H "$E" "$g/receipts.zip"
        """#, ["TOKEN": token, "DIR": deployment.folder])
      let lines = outcome.split(separator: "\n").map(String.init)
      #expect(lines.first == "same" && lines.contains("part") && lines.contains("hash"), "\(outcome)")
      for line in [
        "content-type: image/jpeg", "x-content-type-options: nosniff",
        "content-disposition: attachment; filename=\"taxi.jpg\"; filename*=utf-8''taxi.jpg",
        "content-security-policy: default-src 'none'; sandbox; frame-ancestors 'none'",
      ] { #expect(lines.filter { $0 == line }.count == 1, "\(line) in \(outcome)") }
      #expect(lines.filter { $0 == "304" }.count == 1 && lines.contains("Done testing"), "\(outcome)")
      #expect(lines.suffix(2) == ["404", "404"], "\(outcome)")
    }
  }

  /// A client that says the header of nginx gets the bytes all the same, also where nginx cannot read the files.
  @Test func headerOfAClientHasNoEffect() async throws {
    try await Deployment.run { deployment in
      let token = try await deployment.curl(Self.start)
      let bytes = try await deployment.curl(
        #"curl -sf -H 'X-Accel-Files: 1' -H "Authorization: Bearer $TOKEN" "$KITTY/v1/me/photo" | wc -c"#,
        ["TOKEN": token])
      #expect(Int(bytes).map { $0 > 1000 } == true, "\(bytes)")
    }
  }
}
