/// The version of the server and its contract.
let serverVersion = "0.1.0"
