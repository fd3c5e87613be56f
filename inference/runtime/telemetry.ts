/**
 * Turns ONNX Runtime's telemetry off. Import it before onnxruntime-node, in the main thread too:
 * its native code reads the process's environment, which a worker thread cannot change.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1'
