"""Home Assistant MQTT discovery (https://www.home-assistant.io/integrations/mqtt/)."""
