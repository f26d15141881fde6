resource_attributes['tenant.id'].string_value AS resource_tenant,
            resource_attributes['service.name'].string_value AS service_name,
            resource_attributes['service.version'].string_value AS service_version,
            if(resource_attributes['deployment.environment.name'].string_value != '',
               resource_attributes['deployment.environment.name'].string_value,
               resource_attributes['deployment.environment'].string_value) AS environment
