"""What a person asks of wolkvox, beside a running exporter: reports, records and dispositions."""
