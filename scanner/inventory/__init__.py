"""From a YAML file or words of the command line to `scanner.request.Request`."""
