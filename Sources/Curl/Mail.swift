import Foundation

/// A message in plain text.
package struct Mail: Sendable, Equatable {
  /// The name and the address that it comes from.
  package var from: (name: String, address: String)
  /// The address that it goes to.
  package var to: String
  /// What it is about: ASCII on one line.
  package var subject: String
  /// What it says, with `\n` between lines.
  package var text: String

  package init(from: (name: String, address: String), to: String, subject: String, text: String) {
    self.from = from
    self.to = to
    self.subject = subject
    self.text = text
  }

  /// Whether they say the same.
  package static func == (left: Mail, right: Mail) -> Bool {
    left.from == right.from && left.to == right.to && left.subject == right.subject && left.text == right.text
  }

  /// The message as it travels (RFC 5322).
  /// - Throws: `MailFailure.invalid` for what could be read as another header or line.
  func bytes(date: Date, id: String) throws(MailFailure) -> [UInt8] {
    for line in [from.name, from.address, to, subject] {
      guard line.utf8.count <= 500, line.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
        throw .invalid
      }
    }
    guard !from.name.contains("\""), !from.name.contains("\\"), !to.isEmpty,
      [from.address, to].allSatisfy({ !$0.contains(where: " <>,\"".contains) })
    else { throw .invalid }
    let days = DateFormatter()
    days.locale = Locale(identifier: "en_US_POSIX")
    days.timeZone = TimeZone(secondsFromGMT: 0)
    days.dateFormat = "EEE, dd MMM yyyy HH:mm:ss +0000"
    let domain = from.address.split(separator: "@").last ?? "localhost"
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.allSatisfy({ $0.utf8.count <= 998 && !$0.utf8.contains(13) && !$0.utf8.contains(0) }) else {
      throw .invalid
    }
    let head = [
      "Date: \(days.string(from: date))", "From: \"\(from.name)\" <\(from.address)>", "To: <\(to)>",
      "Message-ID: <\(id)@\(domain)>", "Subject: \(subject)", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
      // Nobody is away for a program (RFC 3834).
      "Auto-Submitted: auto-generated", "",
    ]
    return Array((head + lines.map(String.init)).joined(separator: "\r\n").utf8) + [13, 10]
  }
}

/// Why a message was not handed over.
package enum MailFailure: Error, Sendable, Equatable {
  /// The server's URL is none.
  case invalidURL
  /// The message has an address or a line that cannot be sent.
  case invalid
  /// The server did not take it, or cannot be reached.
  case notTaken(String)
  /// The task was cancelled.
  case cancelled
}
