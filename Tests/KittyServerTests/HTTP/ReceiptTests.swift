import Curl
import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Receipts of entries over HTTP.
@Suite struct ReceiptTests {
  private static func put(
    _ books: GroupFixture, _ path: String, _ bytes: [UInt8], token: String? = nil, ifMatch: String? = nil
  ) async throws -> Answer {
    try await books.server.send(
      "PUT", "/v1/groups/\(books.group.id)\(path)", token: token ?? books.token, body: .bytes(bytes),
      headers: ifMatch.map { [("If-Match", $0)] } ?? [])
  }

  private static func expense(_ books: GroupFixture, date: String? = nil) async throws -> Entry {
    let day = date.map { #", "date": "\#($0)""# } ?? ""
    return try await books.enter(
      "/expenses", #"{"description": "Taxi", "amount": 900, "payer": "\#(books.anna)"\#(day)}"#)
  }

  @Test(arguments: Backend.available) func receiptIsKeptByteForByte(backend: Backend) async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = TestPictures.withExif(try pictures.jpeg(640, 480))
    let pdf = ReceiptSamples.pdf()
    try await GroupFixture.run(on: backend) { books in
      let entry = try await Self.expense(books)
      let path = "/entries/\(entry.number)/receipts"
      let first = try await Self.put(books, "\(path)/1?name=bill.pdf", pdf)
      try #require(first.status == 200, "\(first.text)")
      #expect(first.header("ETag") == "\"2\"")
      let second = try await Self.put(books, "\(path)/3?name=caf%C3%A9%20%22x%22", jpeg)
      try expectProblem(second, 422, "invalid")
      let third = try await Self.put(books, "\(path)/3?name=caf%C3%A9", jpeg)
      let receipts = try third.decode(Entry.self).receipts ?? []
      #expect(receipts.map(\.number) == [1, 3] && receipts.map(\.name) == ["bill.pdf", "café.jpg"])
      #expect(receipts.map(\.type) == [.pdf, .jpeg] && receipts.map(\.bytes) == [pdf.count, jpeg.count])
      #expect(receipts.map(\.hash) == [PhotoFolder.hash(of: pdf), PhotoFolder.hash(of: jpeg)])

      for (number, bytes, type) in [(1, pdf, "application/pdf"), (3, jpeg, "image/jpeg")] {
        let answer = try await books.send("GET", "\(path)/\(number)")
        #expect(answer.status == 200 && answer.response.body == bytes)
        #expect(answer.header("Content-Type") == type)
        #expect(answer.header("Content-Disposition")?.hasPrefix("attachment; filename=") == true)
        #expect(answer.header("X-Content-Type-Options") == "nosniff")
        #expect(answer.header("Content-Security-Policy")?.contains("sandbox") == true)
        let tag = try #require(answer.header("ETag"))
        #expect(tag == "\"\(PhotoFolder.hash(of: bytes))\"")
        let again = try await books.send("GET", "\(path)/\(number)", headers: [("If-None-Match", tag)])
        #expect(again.status == 304 && again.response.body.isEmpty)
        let part = try await books.send("GET", "\(path)/\(number)", headers: [("Range", "bytes=2-5")])
        #expect(part.status == 206 && part.response.body == Array(bytes[2...5]))
        #expect(part.header("Content-Range") == "bytes 2-5/\(bytes.count)")
        let outside = try await books.send(
          "GET", "\(path)/\(number)", headers: [("Range", "bytes=99999999-")])
        try expectProblem(outside, 416, "range_not_satisfiable")
      }
      let cafe = try await books.send("GET", "\(path)/3")
      #expect(
        cafe.header("Content-Disposition")
          == "attachment; filename=\"caf_.jpg\"; filename*=UTF-8''caf%C3%A9.jpg")
      let preview = try await books.send("GET", "\(path)/3?size=preview")
      #expect(preview.header("Content-Type") == "image/x-portable-pixmap")
      #expect(preview.response.body.starts(with: Array("P6\n384 512\n".utf8)))
      try expectProblem(try await books.send("GET", "\(path)/1?size=preview"), 404, "not_found")
      try expectProblem(try await books.send("GET", "\(path)/1?size=large"), 422, "invalid")
      for number in ["0", "11", "x", "2", "01"] {
        try expectProblem(try await books.send("GET", "\(path)/\(number)"), 404, "not_found")
      }

      // The same again changes nothing; another name does.
      let same = try await Self.put(books, "\(path)/1?name=bill.pdf", pdf)
      #expect(try same.decode(Entry.self).version == 3)
      let renamed = try await Self.put(books, "\(path)/1?name=taxi.pdf", pdf)
      #expect(try renamed.decode(Entry.self).version == 4)
      let removed = try await books.send("DELETE", "\(path)/1")
      #expect(try removed.status == 200 && removed.decode(Entry.self).receipts?.map(\.number) == [3])
      try expectProblem(try await books.send("DELETE", "\(path)/1"), 404, "not_found")
      try expectProblem(try await books.send("GET", "\(path)/1"), 404, "not_found")

      let history = try await books.get(History.self, "/entries/\(entry.number)/history")
      #expect(
        history.revisions.map(\.changes).map { $0.map(\.field) }.suffix(4).allSatisfy { $0 == ["receipts"] })
      let hash = PhotoFolder.hash(of: pdf)
      #expect(try JSON.text(of: history.revisions[4].changes[0].old).contains(hash))
      // A change of the expense keeps the receipts, and so do deletion and restoration.
      let changed = try await books.send(
        "PATCH", "/expenses/\(entry.number)", #"{"amount": 1200}"#, headers: [("If-Match", "*")])
      #expect(try changed.decode(Entry.self).receipts?.count == 1)
      #expect(try await books.send("DELETE", "/entries/\(entry.number)").status == 204)
      try expectProblem(try await Self.put(books, "\(path)/2", pdf), 409, "deleted")
      #expect(try await books.send("GET", "\(path)/3").response.body == jpeg)
      let restored = try await books.send("POST", "/entries/\(entry.number)/restore")
      #expect(try restored.decode(Entry.self).receipts?.count == 1)
      let since = try await books.get(Page<Entry>.self, "/entries?since=0")
      #expect(since.items.map { $0.receipts?.map(\.number) } == [[3]])
      // A filter finds the entry until its last receipt is removed.
      _ = try await Self.expense(books)
      let found = try await books.get(Page<Entry>.self, "/entries?q=has:receipt")
      #expect(found.items.map(\.id) == [entry.id])
      let others = try await books.get(Page<Entry>.self, "/entries?q=-has:receipt")
      #expect(others.items.count == 1)
      #expect(try await books.send("DELETE", "\(path)/3").status == 200)
      #expect(try await books.get(Page<Entry>.self, "/entries?q=has:receipt").items.isEmpty)
    }
  }

  @Test(arguments: Backend.available) func versionAndClosedBooksHold(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let entry = try await Self.expense(books)
      let path = "/entries/\(entry.id)/receipts/1"
      let stale = try await Self.put(books, path, ReceiptSamples.pdf(), ifMatch: "\"7\"")
      #expect(stale.status == 412 && stale.header("ETag") == "\"1\"")
      #expect(try await Self.put(books, path, ReceiptSamples.pdf(), ifMatch: "\"1\"").status == 200)
      let again = try await books.send("DELETE", path, headers: [("If-Match", "\"1\"")])
      try expectProblem(again, 412, "stale")
      let closed = try await books.send(
        "PATCH", "", #"{"closedUntil": "\#(entry.date)"}"#, headers: [("If-Match", "*")])
      #expect(closed.status == 200)
      try expectProblem(try await Self.put(books, path, ReceiptSamples.pdf("x")), 409, "closed")
      try expectProblem(try await books.send("DELETE", path), 409, "closed")
      #expect(try await books.send("GET", path).status == 200)
      // The file of an imported entry is taken in closed books too: it changes no entry.
      let export = try await books.send("GET", "/export").text
      let (copy, _) = try await books.server.makeGroup(books.token, guests: [])
      let imported = try await books.server.send(
        "POST", "/v1/groups/\(copy.id)/import", token: books.token, json: export)
      #expect(imported.status == 200, "\(imported.text)")
      let place = "/v1/groups/\(copy.id)/entries/\(entry.number)/receipts/1"
      try expectProblem(try await books.server.send("GET", place, token: books.token), 404, "no_file")
      let other = try await books.server.send(
        "PUT", place, token: books.token, body: .bytes(ReceiptSamples.pdf("x")))
      try expectProblem(other, 409, "closed")
      let added = try await books.server.send(
        "PUT", place, token: books.token, body: .bytes(ReceiptSamples.pdf()))
      #expect(try added.status == 200 && added.decode(Entry.self).version == 2, "\(added.text)")
      #expect(try await books.server.send("GET", place, token: books.token).status == 200)
    }
  }

  @Test(arguments: Backend.available) func otherGroupSeesNothing(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let entry = try await Self.expense(books)
      #expect(
        try await Self.put(books, "/entries/\(entry.id)/receipts/1", ReceiptSamples.pdf()).status == 200)
      let eve = try await books.server.signUp("eve")
      let (own, members) = try await books.server.makeGroup(eve)
      let made = try await books.server.send(
        "POST", "/v1/groups/\(own.id)/expenses", token: eve,
        json: #"{"description": "x", "amount": 3, "payer": "\#(members[0].id)"}"#)
      let mine = try made.decode(Entry.self)
      for path in [
        "/v1/groups/\(books.group.id)/entries/\(entry.id)/receipts/1",
        "/v1/groups/\(books.group.id)/receipts.zip", "/v1/groups/\(own.id)/entries/\(entry.id)/receipts/1",
        "/v1/groups/\(own.id)/entries/\(mine.id)/receipts/1",
      ] where !path.hasSuffix("\(own.id)/receipts.zip") {
        try expectProblem(try await books.server.send("GET", path, token: eve), 404, "not_found")
      }
      // An export with the hash gives no user the file.
      let export = try await books.send("GET", "/export").text
      #expect(export.contains(PhotoFolder.hash(of: ReceiptSamples.pdf())))
      let (copy, _) = try await books.server.makeGroup(eve, guests: [])
      let imported = try await books.server.send(
        "POST", "/v1/groups/\(copy.id)/import", token: eve, json: export)
      try #require(imported.status == 200, "\(imported.text)")
      let path = "/v1/groups/\(copy.id)/entries/1/receipts/1"
      try expectProblem(try await books.server.send("GET", path, token: eve), 404, "no_file")
      let again = try await books.server.send("GET", "/v1/groups/\(copy.id)/export", token: eve)
      #expect(again.text == export)
      // A user who has the file can send it, and the entry stays as it is.
      let name = try #require(entry.number == 1 ? "receipt-1.pdf" : nil)
      let sent = try await books.server.send(
        "PUT", "\(path)?name=\(name)", token: eve, body: .bytes(ReceiptSamples.pdf()))
      #expect(try sent.status == 200 && sent.decode(Entry.self).version == 2, "\(sent.text)")
      let file = try await books.server.send("GET", path, token: eve)
      #expect(file.response.body == ReceiptSamples.pdf())
      #expect(try await books.server.send("DELETE", path, token: eve).status == 200)
    }
  }

  @Test(arguments: Backend.available) func quotaCountsTheBytes(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: ["GROUP_MAX_BYTES": "100000"]) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      let entry = try await Self.expense(books)
      let large = ReceiptSamples.pdf(String(repeating: "x", count: 60_000))
      let path = "/entries/\(entry.id)/receipts"
      #expect(try await Self.put(books, "\(path)/1", large).status == 200)
      let other = ReceiptSamples.pdf(String(repeating: "y", count: 60_000))
      try expectProblem(try await Self.put(books, "\(path)/2", other), 409, "quota_exceeded")
      #expect(try await Self.put(books, "\(path)/1", other).status == 200)
      #expect(try await books.send("DELETE", "\(path)/1").status == 200)
      #expect(try await Self.put(books, "\(path)/2", large).status == 200)
      try await GroupFixture.expectClean(server)
    }
  }

  @Test func fileThatCannotBeReadIsRefused() async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = try pictures.jpeg(400, 300)
    let pdf = ReceiptSamples.pdf()
    let names = "PDF, JPEG, PNG, WebP, GIF, HEIC or AVIF"
    let cases: [(name: String, bytes: [UInt8], status: Int, code: String)] = [
      ("text", Array("this is a text".utf8), 415, "not_a_picture"),
      ("nothing", [], 415, "not_a_picture"),
      ("SVG", Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), 415, "not_a_picture"),
      ("HTML", Array("<html><script>alert(1)</script>".utf8), 415, "not_a_picture"),
      ("half a JPEG", Array(jpeg.prefix(jpeg.count / 2)), 422, "damaged"),
      ("half a PDF", Array(pdf.prefix(pdf.count / 2)), 422, "damaged"),
      ("PDF with half of a new state", pdf + Array("4 0 obj\n<< /Type /Page".utf8), 422, "damaged"),
      ("PDF without an end", Array(pdf.dropLast(8)), 422, "damaged"),
      ("header after a kilobyte", [UInt8](repeating: 10, count: 1024) + pdf, 415, "not_a_picture"),
      ("half a HEIC", Array(PictureSamples.heic.prefix(PictureSamples.heic.count / 2)), 422, "damaged"),
      ("half an AVIF", Array(PictureSamples.avif.prefix(PictureSamples.avif.count / 2)), 422, "damaged"),
      ("PDF without its place", Array("%PDF-1.4\nstartxref\n99999\n%%EOF\n".utf8), 422, "damaged"),
      ("PDF of the wrong place", Array("%PDF-1.4\nhello\nstartxref\n9\n%%EOF\n".utf8), 422, "damaged"),
      ("half a GIF", Array(ReceiptSamples.gif().prefix(60)), 422, "damaged"),
    ]
    try await GroupFixture.run(on: .sqlite) { books in
      let entry = try await Self.expense(books)
      let path = "/entries/\(entry.id)/receipts/1"
      for test in cases {
        let answer = try await Self.put(books, path, test.bytes)
        try expectProblem(answer, test.status, test.code)
        #expect(try answer.problem().detail.contains(names), "\(test.name): \(answer.text)")
        #expect(try answer.problem().errors?.first?.field == "receipt")
      }
      let large = try await Self.put(books, path, [UInt8](repeating: 7, count: Receipt.maxBytes + 1))
      try expectProblem(large, 413, "too_large")
      #expect(try await books.get(Entry.self, "/entries/\(entry.id)").version == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: books.server.folder + "/uploads").isEmpty)
      for name in ["a/b", "..", ".x", "a%0Ab", "", "%5C"] {
        try expectProblem(try await Self.put(books, "\(path)?name=\(name)", pdf), 422, "invalid")
      }
    }
  }

  /// Bytes before the header and after the end, as readers of PDF accept them.
  @Test func pdfAsOthersWriteItIsTaken() async throws {
    let pdf = ReceiptSamples.pdf()
    let cases: [(name: String, bytes: [UInt8])] = [
      ("small", Array("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n".utf8)),
      ("zeros behind", pdf + [UInt8](repeating: 0, count: 300_000)),
      ("text behind", pdf + Array(String(repeating: "<!-- served in 3 ms -->\r\n", count: 100).utf8)),
      ("blank lines behind", pdf + [UInt8](repeating: 10, count: 5000)), ("line before", [10] + pdf),
      ("mark before", [0xef, 0xbb, 0xbf] + pdf), ("text before", Array("Content-Type: x\r\n\r\n".utf8) + pdf),
    ]
    try await GroupFixture.run(on: .sqlite) { books in
      let entry = try await Self.expense(books)
      for test in cases {
        let path = "/entries/\(entry.id)/receipts/1"
        let answer = try await Self.put(books, path, test.bytes)
        #expect(answer.status == 200, "\(test.name): \(answer.text)")
        #expect(try answer.decode(Entry.self).receipts?.first?.type == .pdf)
        #expect(try await books.send("GET", path).response.body == test.bytes)
      }
    }
  }

  @Test func pictureOfAPhoneIsTaken() async throws {
    let cases: [(name: String, bytes: [UInt8], type: Receipt.MediaType)] = [
      ("HEIC", PictureSamples.heic, .heic), ("AVIF", PictureSamples.avif, .avif),
      ("GIF", ReceiptSamples.gif(), .gif), ("animated WebP", PictureSamples.animatedWebP, .webp),
      ("108 MP PNG", PNG.black(12_000, 9000), .png),
    ]
    try await GroupFixture.run(on: .sqlite) { books in
      let entry = try await Self.expense(books)
      for (index, test) in cases.enumerated() {
        let path = "/entries/\(entry.id)/receipts/\(index + 1)"
        let answer = try await Self.put(books, path, test.bytes)
        try #require(answer.status == 200, "\(test.name): \(answer.text)")
        #expect(try answer.decode(Entry.self).receipts?.last?.type == test.type)
        #expect(try await books.send("GET", path).response.body == test.bytes)
        let preview = try await books.send("GET", "\(path)?size=preview")
        #expect(preview.response.body.starts(with: Array("P6\n".utf8)), "\(test.name)")
      }
      // The first picture of an animation is black.
      let gif = try await books.send("GET", "/entries/\(entry.id)/receipts/3?size=preview")
      #expect(gif.response.body.suffix(16 * 16 * 3).allSatisfy { $0 < 8 })
      let webp = try await books.send("GET", "/entries/\(entry.id)/receipts/4?size=preview")
      #expect(webp.response.body.starts(with: Array("P6\n64 48\n".utf8)))
      #expect(webp.response.body.suffix(64 * 48 * 3).allSatisfy { $0 < 30 })
      // As a photo, too.
      let photo = try await books.server.send(
        "PUT", "/v1/me/photo", token: books.token, body: .bytes(ReceiptSamples.gif()))
      #expect(photo.status == 200, "\(photo.text)")
      let animated = try await books.server.send(
        "PUT", "/v1/me/photo", token: books.token, body: .bytes(PictureSamples.animatedWebP))
      #expect(try animated.status == 200 && animated.decode(Photo.self).height == 48, "\(animated.text)")
    }
  }

  @Test(arguments: Backend.available) func zipHasTheReceiptsOfTheDays(backend: Backend) async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = try pictures.jpeg(320, 200)
    try await GroupFixture.run(on: backend) { books in
      let days = ["2026-03-01", "2026-01-15", "2026-02-10"]
      var files: [String: [UInt8]] = [:]
      for (index, day) in days.enumerated() {
        let entry = try await Self.expense(books, date: day)
        let pdf = ReceiptSamples.pdf(day)
        let path = "/entries/\(entry.id)/receipts"
        #expect(try await Self.put(books, "\(path)/1?name=bill.pdf", pdf).status == 200)
        files["\(day) #\(index + 1)-1 bill.pdf"] = pdf
        if index == 1 {
          #expect(try await Self.put(books, "\(path)/2", jpeg).status == 200)
          files["\(day) #2-2 receipt-2.jpg"] = jpeg
        }
      }
      let deleted = try await Self.expense(books, date: "2026-02-11")
      #expect(
        try await Self.put(books, "/entries/\(deleted.id)/receipts/1", ReceiptSamples.pdf("gone")).status
          == 200)
      #expect(try await books.send("DELETE", "/entries/\(deleted.id)").status == 204)

      func zip(_ query: String) async throws -> (answer: Answer, files: [String: [UInt8]], names: [String]) {
        let answer = try await books.send("GET", "/receipts.zip\(query)")
        try #require(answer.status == 200, "\(answer.text)")
        #expect(answer.header("Content-Type") == "application/zip")
        let path = try pictures.write("receipts.zip", answer.response.body)
        let process = try await unzipped(path)
        return (answer, process.files, process.names)
      }
      let all = try await zip("")
      #expect(all.files == files && all.names == files.keys.sorted())
      #expect(try await zip("").answer.response.body == all.answer.response.body)
      let tag = try #require(all.answer.header("ETag"))
      let again = try await books.send("GET", "/receipts.zip", headers: [("If-None-Match", tag)])
      #expect(again.status == 304)
      let some = try await zip("?from=2026-01-15&to=2026-02-10")
      #expect(some.names == files.keys.sorted().filter { $0 < "2026-03" })
      #expect(try await zip("?to=2025-12-31").files.isEmpty)
      try expectProblem(
        try await books.send("GET", "/receipts.zip?from=2026-02-01&to=2026-01-01"), 422, "invalid")
    }
  }

  /// Reads a zip file with Python, which checks the sums.
  private func unzipped(_ path: String) async throws -> (files: [String: [UInt8]], names: [String]) {
    let (status, output) = try await runProgram(
      "/usr/bin/env",
      [
        "python3", "-c",
        "import base64, json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(json.dumps([[i.filename, base64.b64encode(z.read(i)).decode(), i.date_time[:3] == tuple(map(int, i.filename[:10].split('-')))] for i in z.infolist()]))",
        path,
      ])
    try #require(status == 0, "\(output)")
    let listed = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[Any]])
    var files: [String: [UInt8]] = [:]
    var names: [String] = []
    for file in listed {
      let name = try #require(file[0] as? String)
      names.append(name)
      let text = try #require(file[1] as? String)
      files[name] = Array(try #require(Data(base64Encoded: text)))
      #expect(file[2] as? Bool == true, "the time of \(name)")
    }
    return (files, names)
  }

  @Test(arguments: Backend.available) func unusedFileIsRemovedAfterAnHour(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let entry = try await Self.expense(books)
      let (path, other) = ("/entries/\(entry.id)/receipts/1", "/entries/\(entry.id)/receipts/2")
      let pdf = ReceiptSamples.pdf()
      #expect(try await Self.put(books, path, pdf).status == 200)
      #expect(try await Self.put(books, other, pdf).status == 200)
      let photos = books.server.dependencies.photos
      let hash = PhotoFolder.hash(of: pdf)
      let file = try #require(photos.file(hash, .receipt))
      let worker = books.server.dependencies.worker()
      try FileManager.default.setAttributes(
        [.modificationDate: Date.now.addingTimeInterval(-7200)], ofItemAtPath: file)
      let later = Instant.now.advanced(by: .seconds(3700))
      #expect(try await books.send("DELETE", path).status == 200)
      while try await worker.runNext(at: later) {}
      #expect(FileManager.default.fileExists(atPath: file))
      #expect(try await books.send("DELETE", other).status == 200)
      while try await worker.runNext(at: later) {}
      #expect(!FileManager.default.fileExists(atPath: file))
    }
  }
}
