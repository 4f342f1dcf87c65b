import FoundationEssentials
import HTTPTypes
import Hummingbird
import KittyShared
import Sodium

/// The page of an upload address. The secret is behind the `#` of its address, which a browser does not send: the script
/// sends it in a header, so that it is in no log.
enum UploadPage {
  /// The headers of the page, which nginx.conf repeats: it runs its own script only, and sends to this server only.
  static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-\(hash)'; connect-src 'self'; frame-ancestors 'none'"

  /// Returns the page that sends a photo or a receipt.
  /// - Parameter maxBytes: The largest file.
  static func response(for use: PhotoRejection.Use, maxBytes: Int) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .contentSecurityPolicy: policy,
        .referrerPolicy: "no-referrer", .frameOptions: "DENY", .crossOriginResourcePolicy: "same-origin",
      ],
      body: .init(byteBuffer: ByteBuffer(string: html(for: use, maxBytes))))
  }

  private static let hash = Data(SHA256.hash(Array(script.utf8))).base64EncodedString()

  private static func html(for use: PhotoRejection.Use, _ maxBytes: Int) -> String {
    let (title, what, types) =
      use == .photo
      ? (
        "Send a picture",
        "A photo of at most \(maxBytes.asBytes). Its location and other metadata are removed.",
        "image/*"
      )
      : (
        "Send a receipt",
        "A picture or a PDF of at most \(maxBytes.asBytes). It is kept as it is, and the whole group sees it.",
        "image/*,application/pdf"
      )
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>KittyCash: \(title.lowercased())</title>
      <style>
      body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 10vh auto; padding: 0 1rem; }
      input, button { font: inherit; display: block; width: 100%; margin: 1rem 0; padding: .6rem; box-sizing: border-box; }
      </style>
      </head>
      <body>
      <h1>\(title)</h1>
      <form id="form">
      <label for="file">\(what)</label>
      <input id="file" type="file" accept="\(types)" data-bytes="\(maxBytes)" data-limit="\(maxBytes.asBytes)" required>
      <button id="send">Send</button>
      </form>
      <p id="state" role="status"></p>
      <noscript><p>Without JavaScript: curl -T FILE -H 'Authorization: Bearer THE-PART-BEHIND-#' THIS-SERVER/v1/uploads</p></noscript>
      <script>\(script)</script>
      </body>
      </html>

      """
  }

  private static let script = """
    const form = document.getElementById('form'), state = document.getElementById('state');
    const button = document.getElementById('send'), token = location.hash.slice(1);
    if (!token) state.textContent = 'This address is not complete: copy it again.';
    form.addEventListener('submit', async event => {
      event.preventDefault();
      const input = document.getElementById('file'), file = input.files[0];
      if (file.size > Number(input.dataset.bytes)) {
        state.textContent = 'The file is too large: it must have at most ' + input.dataset.limit + '.';
        return;
      }
      button.disabled = true;
      state.textContent = 'Sending…';
      try {
        const name = file.name.replace(/[\\/:"\\\\\\p{C}\\p{Zl}\\p{Zp}]/gu, '_').replace(/^[.\\s]+/, '');
        const answer = await fetch('v1/uploads?name=' + encodeURIComponent([...name].slice(0, 90).join('').trim() || 'receipt'), {
          method: 'PUT', body: file, headers: {'Authorization': 'Bearer ' + token}
        });
        if (answer.ok) {
          form.hidden = true;
          state.textContent = 'Sent. You can close this page.';
          return;
        }
        state.textContent = (await answer.json()).detail;
      } catch (error) {
        state.textContent = 'The file was not sent: ' + error.message;
      }
      button.disabled = false;
    });
    """
}
