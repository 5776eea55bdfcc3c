"""What stands between a harness and its model: forwards, meters, limits and keeps."""
