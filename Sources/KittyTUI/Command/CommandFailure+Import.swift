extension CommandFailure {
  /// The same failure of an import, with the options of the command for the parameters of the API: `Send currency=EUR` is
  /// `Use --currency EUR`.
  var withImportOptions: CommandFailure {
    var text = message.replacing("differences=accept", with: "--accept-differences")
      .replacing("twins=keep", with: "--keep-twins")
      .replacing("dryRun=true", with: "--dry-run").replacing("columns=", with: "--column")
    for name in ["currency", "dates", "decimal", "encoding", "format"] {
      // Without a value the sentence goes on behind the name.
      for end in [" ", ".", ","] { text = text.replacing("\(name)=\(end)", with: "--\(name)\(end)") }
      text = text.replacing("\(name)=", with: "--\(name) ")
    }
    return saying(text.replacing("Send --", with: "Use --").replacing("send --", with: "use --"))
  }
}
