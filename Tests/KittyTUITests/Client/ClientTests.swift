import Foundation
import KittyShared
import Testing

@testable import KittyTUI

struct ClientTests {
  @Test func readsServerAddresses() throws {
    #expect(try ServerAddress("https://kitty.example.org/").url == "https://kitty.example.org")
    #expect(try ServerAddress("http://127.0.0.1:8080").isExposed == false)
    #expect(try ServerAddress("http://[::1]:8080").isExposed == false)
    #expect(try ServerAddress("http://kitty.example.org").isExposed)
    #expect(try ServerAddress("http://localhost.example.org/kitty").isExposed)
    #expect(try ServerAddress("http://127.example.org:8080").isExposed)
    #expect(try !ServerAddress("https://kitty.example.org").isExposed)
    for text in [
      "", "kitty.example.org", "ftp://x", "http://", "http://a b", "http://user@host", "https://x?y",
    ] {
      #expect(throws: ServerAddress.Invalid.self) { try ServerAddress(text) }
    }
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "kitty-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func tokenFileIsReadableOnlyByItsOwner() throws {
    try withFolder { folder in
      let file = TokenFile(server: .standard, environment: ["XDG_STATE_HOME": folder])
      #expect(try file.read() == nil)
      let content = TokenFile.Content(server: "s", name: "anna", token: "t")
      try file.write(content)
      #expect(try file.read() == content)
      func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)
          .intValue
      }
      #expect(try mode(file.path) == 0o600)
      #expect(try mode(folder + "/kittycash") == 0o700)
      // One that was left open is closed when it is read.
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
      #expect(try file.read() == content)
      #expect(try mode(file.path) == 0o600)
      try file.write(.init(server: "s", name: "bob", token: "u"))
      #expect(try file.read()?.name == "bob")
      file.remove()
      #expect(try file.read() == nil)
      // A link is not followed, for reading or for writing.
      let target = folder + "/elsewhere"
      try "x".write(toFile: target, atomically: true, encoding: .utf8)
      try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: target)
      #expect(throws: PrivateFile.Unsafe.self) { try file.read() }
      try file.write(content)
      #expect(try String(contentsOfFile: target, encoding: .utf8) == "x")
    }
  }

  @Test func deviceTokensAreKeptByUser() throws {
    try withFolder { folder in
      let devices = TokenFile(server: .standard, environment: ["XDG_STATE_HOME": folder]).devices
      #expect(try devices.token(of: "anna") == nil)
      let token = "kittydev_" + String(repeating: "x", count: 43)
      for number in 0..<20 {
        try devices.keep(token + "\(number)", of: String(repeating: "n", count: 30) + "\(number)")
      }
      try devices.keep("old", of: "anna")
      try devices.keep("new", of: "Anna")
      #expect(try devices.token(of: "ANNA") == "new" && devices.token(of: "bob") == nil)
      // The latest ones are kept: the file stays small enough to be read.
      #expect(try devices.token(of: String(repeating: "n", count: 30) + "19") == token + "19")
      #expect(try devices.token(of: String(repeating: "n", count: 30) + "0") == nil)
      let mode = try FileManager.default.attributesOfItem(atPath: devices.path)[.posixPermissions]
      #expect((mode as? NSNumber)?.intValue == 0o600)
      // A file that is damaged is replaced at the next sign-in.
      try Data("[{".utf8).write(to: URL(filePath: devices.path))
      #expect(try devices.token(of: "anna") == nil)
      try devices.keep("t", of: "anna")
      #expect(try devices.token(of: "anna") == "t")
    }
  }

  @Test func eachServerHasItsOwnFile() throws {
    let paths = try ["https://a.org", "https://b.org", "http://a.org"].map {
      TokenFile(server: try ServerAddress($0), environment: ["HOME": "/home/anna"]).path
    }
    #expect(Set(paths).count == 3)
    #expect(paths.allSatisfy { $0.hasPrefix("/home/anna/.local/state/kittycash/") })
  }

  @Test func photoIsCheckedBeforeUpload() throws {
    try withFolder { folder in
      let jpeg = folder + "/cat.jpg"
      try Data([0xff, 0xd8, 0xff, 0xe0, 0, 0]).write(to: URL(filePath: jpeg))
      #expect(try PhotoFile(path: jpeg, home: "/").size == 6)
      #expect(try PhotoFile(path: "~/cat.jpg", home: folder).path == jpeg)
      try Data("hello".utf8).write(to: URL(filePath: folder + "/text.jpg"))
      for path in ["text.jpg", "none.jpg", ""] {
        #expect(throws: PhotoFile.Refusal.self) { try PhotoFile(path: folder + "/" + path, home: "/") }
      }
      try FileManager.default.createDirectory(atPath: folder + "/cats", withIntermediateDirectories: false)
      try Data().write(to: URL(filePath: folder + "/notes.txt"))
      #expect(
        PhotoFile.completions(of: folder + "/ca", home: "/") == [folder + "/cats/", folder + "/cat.jpg"])
      #expect(PhotoFile.completions(of: folder + "/n", home: "/") == [])
      #expect(PhotoFile.completions(of: "~/te", home: folder) == ["~/text.jpg"])
    }
  }

  @Test func cleansPastedPaths() {
    for (pasted, path) in [
      ("'/a b.jpg'", "/a b.jpg"), ("\"/a.jpg\" \n", "/a.jpg"), ("/a\\ b\\(1\\).jpg", "/a b(1).jpg"),
      ("file:///home/a%20b.jpg", "/home/a b.jpg"), ("file://host/x.png", "/x.png"),
      ("/plain.jpg", "/plain.jpg"),
    ] {
      #expect(PhotoFile.cleaned(pasted) == path)
    }
  }

  @Test func readsPixelsStrictly() {
    func ppm(_ header: String, _ bytes: Int) -> Preview? {
      Preview(ppm: Array(header.utf8) + [UInt8](repeating: 7, count: bytes))
    }
    #expect(ppm("P6\n2 3\n255\n", 18)?.height == 3)
    #expect(ppm("P6\n#vips\n2 3\n255\n", 18)?.width == 2)
    #expect(ppm("P6\n2 3\n255\n", 17) == nil)
    #expect(ppm("P6\n2 3\n255\n", 19) == nil)
    #expect(ppm("P6\n600 1\n255\n", 1800) == nil)
    #expect(ppm("P6\n99999999999999 1\n255\n", 3) == nil)
    #expect(ppm("P5\n1 1\n255\n", 3) == nil)
    #expect(ppm("P6\n1 1\n65535\n", 3) == nil)
    #expect(ppm("P6\n-1 1\n255\n", 3) == nil)
    #expect(Preview(ppm: []) == nil)
  }
}
