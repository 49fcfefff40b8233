"""Models from elsewhere: ONNX files, torch modules, folders of renders."""
