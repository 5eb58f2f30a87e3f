"""What stands behind the ports: storages, gateways and carriers, each provider in a place of its own."""
